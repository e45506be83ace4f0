import { describe, expect, it } from 'vitest'
import { none, onlyProblems, problems, queryOf, read, startOfDay, write } from './filters'

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const filters = {
      ...none,
      types: ['dispensers'],
      outcomes: ['success' as const, 'held' as const],
      triggers: ['manual' as const],
      from: '2030-01-02',
      to: '2030-01-03',
      zone: 'America/Chicago',
      schedule: 7,
    }
    expect(read(write(filters))).toEqual({ ...filters })
  })

  it('have a short word for all problems', () => {
    expect(write({ outcomes: problems }).toString()).toBe('outcome=problems')
    expect(onlyProblems(read(new URLSearchParams('outcome=problems')))).toBe(true)
    expect(onlyProblems(read(new URLSearchParams('outcome=held')))).toBe(false)
  })

  it('leave nonsense aside', () => {
    const params = new URLSearchParams('type=cars&outcome=fine&from=2030-13-45&to=yesterday&schedule=-2&trigger=me')
    expect(read(params)).toEqual({ ...none, schedule: undefined })
  })
})

describe('dates', () => {
  it('begin at midnight of the zone, on either side of UTC', () => {
    expect(startOfDay('2030-01-02', 'America/Chicago').toISOString()).toBe('2030-01-02T06:00:00.000Z')
    expect(startOfDay('2030-01-02', 'Pacific/Auckland').toISOString()).toBe('2030-01-01T11:00:00.000Z')
  })

  it('are right on the days on which the clocks are moved, so that such a day has 23 or 25 hours', () => {
    const hours = (from: string, to: string) => {
      const query = queryOf({ ...none, from, to }, 'America/New_York')
      return (Date.parse(query.to ?? '') - Date.parse(query.from ?? '')) / 3_600_000
    }
    expect(hours('2030-03-10', '2030-03-10')).toBe(23)
    expect(hours('2030-11-03', '2030-11-03')).toBe(25)
    expect(hours('2030-11-03', '2030-11-04')).toBe(49)
  })
})
