import { renderHook, act, screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { renderAt } from '../../testing/page'
import { readFilters } from './filters'
import { useSelection } from './selection'
import { sayRuns, Sparkline } from './Sparkline'
import { standing } from './status'
import { sayDays, sayInterval, sayTiming } from './timing'

const plain = (text: string) => text.replaceAll('\u202f', ' ')

describe('when it runs, in words', () => {
  it('says intervals', () => {
    expect([30 / 3600, 1 / 60, 0.5, 1, 1.5, 2, 24].map(sayInterval)).toEqual([
      'Every 30 seconds',
      'Every minute',
      'Every 30 minutes',
      'Every hour',
      'Every 90 minutes',
      'Every 2 hours',
      'Once a day',
    ])
  })

  it('says days, a week that ends on Sunday', () => {
    expect(sayDays([1, 2, 3, 4, 5])).toBe('Mon–Fri')
    expect(sayDays([0, 6])).toBe('Sat, Sun')
    expect(sayDays([0, 5, 6])).toBe('Fri–Sun')
    expect(sayDays([0, 1, 2, 3, 4, 5, 6])).toBe('')
  })

  it('says simple cron lines and shows others as they are', () => {
    const at = (...cron: string[]) => plain(sayTiming({ interval_hours: 24, cron, active_hours: null, active_days: [] }))
    expect(at('0 6,18 * * 1-5')).toBe('At 6:00 AM, 6:00 PM Mon–Fri')
    expect(at('30 6 * * *')).toBe('At 6:30 AM every day')
    expect(at('*/5 9 1 * *')).toBe('Cron */5 9 1 * *')
    expect(at('0 6 * * *', '0 7 * * *', '0 8 * * *')).toBe('3 cron lines')
  })

  it('adds hours and days', () =>
    expect(plain(sayTiming({ interval_hours: 1, cron: [], active_hours: { start: 6, end: 22 }, active_days: [1, 3] }))).toBe(
      'Every hour, 6 AM to 10 PM, Mon, Wed',
    ))
})

describe('standing', () => {
  const fine = {
    status: 'active' as const,
    held: null,
    held_reason: null,
    pause_reason: '',
    warning: null,
    overdue: false,
    sync: 'applied' as const,
    consecutive_failures: 0,
  }
  it('puts what keeps it from running before what went wrong', () => {
    expect(standing(fine).label).toBe('Active')
    expect(standing({ ...fine, overdue: true, warning: '3 failed.' }).label).toBe('Failing')
    expect(standing({ ...fine, status: 'failed', held: 'held_credentials', held_reason: 'Sign in.' })).toMatchObject({
      label: 'Waiting for sign-in',
      why: 'Sign in.',
    })
    expect(standing({ ...fine, status: 'paused', warning: 'x' }).label).toBe('Paused')
  })
})

it('reads filters and drops words it does not know', () => {
  expect(readFilters(new URLSearchParams('type=filters&status=held&q=a'))).toEqual({ type: 'filters', status: 'held', q: 'a' })
  expect(readFilters(new URLSearchParams('status=nonsense&q=%20'))).toEqual({})
})

it('keeps a selection by id', () => {
  const { result } = renderHook(useSelection)
  act(() => result.current.select([1, 2, 3], true))
  act(() => result.current.select([2], false))
  expect(result.current.ids()).toEqual([1, 3])
  expect(result.current.has(2)).toBe(false)
})

describe('Sparkline', () => {
  const run = (id: number, outcome: 'success' | 'portal_down' | null, seconds: number | null) => ({
    id,
    outcome,
    seconds,
    nominal_at: '2030-01-01T00:00:00Z',
  })
  const recent = {
    schedule_id: 1,
    usual_seconds: 41,
    slow_seconds: 60,
    runs: [run(1, 'success', 40), run(2, 'portal_down', 80), run(3, null, null)],
  }

  it('says what it draws, and marks failures by more than colour', () => {
    const { container } = renderAt('/', <Sparkline recent={recent} />)
    expect(screen.getByRole('img', { name: sayRuns(recent) })).toBeTruthy()
    expect(sayRuns(recent)).toBe('Last 3 runs: 1 Succeeded, 1 Portal down, 1 Running. Usually 41 s.')
    expect(container.querySelectorAll('rect')).toHaveLength(3)
    expect(container.querySelectorAll('path')).toHaveLength(1)
  })
})
