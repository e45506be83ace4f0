import { describe, expect, it } from 'vitest'
import { choose, stateOf, toggleDay } from './hours'

describe('the window of hours', () => {
  it('over midnight goes on in the morning of the day after', () => {
    const window = { hours: { start: 22, end: 4 }, days: [1] } // Monday is row 0
    expect(stateOf(window, { row: 0, hour: 23 })).toBe('on')
    expect(stateOf(window, { row: 0, hour: 3 })).toBe('off')
    expect(stateOf(window, { row: 1, hour: 3 })).toBe('tail')
    expect(stateOf(window, { row: 1, hour: 4 })).toBe('off')
    expect(stateOf({ ...window, days: [0] }, { row: 0, hour: 3 })).toBe('tail') // from Sunday, the last row
  })

  it('is chosen by two cells, whichever comes first', () => {
    const week = { hours: undefined, days: [] }
    expect(choose(week, { row: 1, hour: 15 }, { row: 3, hour: 8 })).toEqual({ hours: { start: 8, end: 16 }, days: [2, 3, 4] })
    expect(choose(week, { row: 0, hour: 0 }, { row: 6, hour: 23 })).toEqual({ hours: undefined, days: [] })
  })

  it('keeps the days when chosen within one of them, and adds another', () => {
    const weekdays = { hours: undefined, days: [1, 2, 3, 4, 5] }
    expect(choose(weekdays, { row: 0, hour: 6 }, { row: 0, hour: 6 }).days).toEqual([1, 2, 3, 4, 5])
    expect(choose(weekdays, { row: 6, hour: 6 }, { row: 6, hour: 9 }).days).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('toggleDay', () => {
  it('goes from every day to six and back', () => {
    expect(toggleDay([], 0)).toEqual([1, 2, 3, 4, 5, 6])
    expect(toggleDay([1, 2, 3, 4, 5, 6], 0)).toEqual([])
  })
  it('never leaves none, which would mean every day', () => expect(toggleDay([3], 3)).toEqual([3]))
})
