import { renderHook, act, screen } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { renderAt } from '../../testing/page'
import { readFilters } from './filters'
import { isSeen, within, type Page, type Schedule } from './queries'
import { ScheduleRow } from './ScheduleRow'
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
    // One path for the bars of each kind, and one for the sign below what failed.
    expect(container.querySelectorAll('path')).toHaveLength(4)
  })
})

describe('pages of the list', () => {
  const page = (ids: number[], next?: string): Page => ({ items: ids.map((id) => ({ id }) as Schedule), next, at: 0 })
  const ids = (of: Page) => of.items.map((schedule) => schedule.id)

  it('keep their bounds when something was deleted, so that the next ones stay right', () => {
    const now = within(page([1, 2, 3], 'a'), page([1, 3, 4], 'b'))
    expect([ids(now), now.next]).toEqual([[1, 3], 'a'])
  })

  it('end where the server says when more has come between, and at the end of the list', () => {
    const more = within(page([1, 4, 5], 'a'), page([1, 2, 4], 'b'))
    expect([ids(more), more.next]).toEqual([[1, 2, 4], 'b'])
    const last = within(page([1, 2]), page([1, 2, 3]))
    expect([ids(last), last.next]).toEqual([[1, 2, 3], undefined])
  })

  it('are on screen or not', () => {
    const pages = [page([1, 2, 3], 'a'), page([4, 5, 6], 'b'), page([7])]
    const seen = (first: number, last: number) => pages.map((_, at) => isSeen(pages, at, { first, last }))
    expect(seen(0, 1)).toEqual([true, false, false])
    expect(seen(4, 5)).toEqual([false, true, false])
    expect(seen(2, 6)).toEqual([true, true, true])
  })
})

describe('ScheduleRow', () => {
  const schedule = {
    id: 7,
    name: 'Route A',
    schedule_type: 'filters',
    interval_hours: 1,
    cron: [],
    active_hours: null,
    active_days: [],
    timezone: 'UTC',
    enabled: true,
    status: 'active',
    held: null,
    warning: null,
    consecutive_failures: 0,
    next_run: null,
    probe_at: null,
    last_run: '2030-01-01T05:00:00Z',
  } as unknown as Schedule
  const show = (outcome: 'success' | null) => {
    const onRun = vi.fn()
    const run = { id: 9, outcome, seconds: null, nominal_at: '2030-01-01T06:00:00Z' }
    renderAt(
      '/',
      <ScheduleRow
        schedule={schedule}
        recent={{ schedule_id: 7, usual_seconds: null, slow_seconds: null, runs: [run] }}
        starts={new Map([[9, '2030-01-01T06:04:00Z']])}
        index={0}
        selected={false}
        starting={false}
        open={false}
        onSelect={vi.fn()}
        onRun={onRun}
        onMenu={vi.fn()}
      />,
    )
    const play = screen.getByRole('button', { name: 'Run Route A now' })
    act(() => play.click())
    return { play, onRun, times: [...document.querySelectorAll('time')].map((time) => time.dateTime) }
  }

  it('says since when a run is going, leads to it, and starts no other', () => {
    const { play, onRun, times } = show(null)
    expect(times).toEqual(['2030-01-01T06:04:00.000Z'])
    expect(screen.getByRole('link', { name: 'Running' }).getAttribute('href')).toBe('/runs/9')
    expect(play.getAttribute('aria-disabled')).toBe('true')
    expect(play.getAttribute('aria-description')).toBe('A run is going already')
    expect(onRun).not.toHaveBeenCalled()
  })

  it('says when the last run was and starts one', () => {
    const { play, onRun, times } = show('success')
    expect(times).toEqual(['2030-01-01T05:00:00.000Z'])
    expect(screen.getByRole('link', { name: 'Succeeded' }).getAttribute('href')).toBe('/runs/9')
    expect(play.getAttribute('aria-disabled')).toBeNull()
    expect(onRun).toHaveBeenCalledOnce()
  })
})
