import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Schemas } from '../../api/client'
import { useSteady } from './steady'

const run = (minute: number) => ({ id: minute, started_at: `2030-01-02T10:0${minute}:00Z` }) as Schemas['Run']

describe('rows that are looked at', () => {
  it('stay where they are until the pointer leaves, or the news are asked for', () => {
    const { result, rerender } = renderHook(({ runs, list }) => useSteady(runs, list), {
      initialProps: { runs: [run(1)], list: 'a' },
    })
    rerender({ runs: [run(2), run(1)], list: 'a' })
    expect(result.current.runs).toHaveLength(2)

    act(() => result.current.around.onPointerEnter())
    rerender({ runs: [run(4), run(3), run(2), run(1)], list: 'a' })
    expect(result.current.runs.map((r) => r.id)).toEqual([2, 1])
    expect(result.current.newer).toBe(2)

    act(() => result.current.showNewer())
    expect(result.current.newer).toBe(0)

    rerender({ runs: [run(5), run(4)], list: 'a' })
    expect(result.current.newer).toBe(1)
    act(() => result.current.around.onPointerLeave())
    expect(result.current.runs.map((r) => r.id)).toEqual([5, 4])
  })

  it('give way to another list at once', () => {
    const { result, rerender } = renderHook(({ runs, list }) => useSteady(runs, list), {
      initialProps: { runs: [run(1)], list: 'a' },
    })
    act(() => result.current.around.onFocus())
    rerender({ runs: [run(9)], list: 'b' })
    expect(result.current.runs.map((r) => r.id)).toEqual([9])
  })
})
