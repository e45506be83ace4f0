import { describe, expect, it } from 'vitest'
import { past, sayHeat, step, type Cell } from './heat'
import { rate, usual } from './health'

const cell = (more: Partial<Cell>): Cell => ({
  weekday: 2,
  hour: 14,
  succeeded: 0,
  partial: 0,
  failed: 0,
  held: 0,
  cancelled: 0,
  not_run: 0,
  planned: 0,
  ...more,
})

describe('the heatmap', () => {
  it('counts what brought no data, and not what a person stopped', () => {
    expect(past(cell({ succeeded: 5, partial: 1, failed: 2, held: 1, not_run: 3, cancelled: 4 }))).toEqual({ all: 16, bad: 6 })
  })

  it('names the worst hour', () => {
    const cells = [
      cell({ succeeded: 7, failed: 1, planned: 2 }),
      cell({ weekday: 4, hour: 9, succeeded: 1, failed: 3, planned: 1 }),
    ]
    expect(sayHeat(cells, 8)).toMatch(
      /^4 of 12 slots of the last 8 weeks brought no data, most on Thursday at 9\sAM \(3 of 4\); 3 to come in the next 7 days\.$/,
    )
    expect(sayHeat([cell({ succeeded: 2 })], 1)).toBe('All 2 slots of the last week went well; 0 to come in the next 7 days.')
  })

  it('has a colour for the smallest share, and none for nothing', () => {
    expect([0, 0.001, 0.25, 0.26, 1].map(step)).toEqual([0, 1, 1, 2, 4])
  })
})

describe('health', () => {
  const run = (success: boolean, seconds: number | null, outcome: string | null = success ? 'success' : 'portal_down') =>
    ({ success, duration_seconds: seconds, outcome }) as Parameters<typeof usual>[0][number]

  it('takes the middle of the good runs, once there are three', () => {
    expect(usual([run(true, 1), run(true, 9), run(false, 300)])).toBeUndefined()
    expect(usual([run(true, 1), run(true, 9), run(true, 4), run(false, 300)])).toBe(4)
  })

  it('leaves out what is going and what a person stopped', () => {
    expect(rate([run(true, 1), run(false, null, null), run(false, 3, 'cancelled'), run(false, 3)])).toEqual({ good: 1, of: 2 })
  })
})
