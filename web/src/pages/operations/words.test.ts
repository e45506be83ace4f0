import { expect, test } from 'vitest'
import { every, repairs, slices, systemName } from './words'

test('good ends stand first, then by number, and all add up to the whole', () => {
  const parts = slices({ portal_down: 1, skipped_overlap: 4, success: 3, timed_out: 2, partial: 0 })
  expect(parts.map(({ outcome }) => outcome)).toEqual(['success', 'timed_out', 'portal_down', 'skipped_overlap'])
  expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  expect(slices({})).toEqual([])
  expect(slices(null)).toEqual([])
})

test('a comparison that found nothing lists nothing', () => {
  const none = { missing: 0, extra: 0, differing: 0, mirrored: 0, overdue: 0, healed: 0, probed: 0 }
  const runs = { runs_started: 0, runs_adopted: 0, runs_closed: 2, errors: 0, checked: 9, runs_checked: 1 }
  const newest = { ...none, ...runs, last_at: '', state: 'completed' as const, message: null }
  expect(repairs(newest)).toEqual([{ text: 'runs closed that had not said they ended', count: 2 }])
  expect(repairs({ ...newest, runs_closed: 0 })).toEqual([])
})

test('names and spacings are words', () => {
  expect(systemName('system-retention')).toBe('Retention')
  expect([15, 60, 900, 3600, 86_400, 0].map(every)).toEqual([
    'every 15 s',
    'every minute',
    'every 15 min',
    'every hour',
    'every day',
    'not known how often',
  ])
})
