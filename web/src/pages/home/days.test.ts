import { describe, expect, it } from 'vitest'
import { dayName, dayText, kindOf, summary, type Day } from './days'

const day = (given: Partial<Day>): Day => ({
  date: '2030-01-02',
  runs: 0,
  succeeded: 0,
  partial: 0,
  held: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  worst: null,
  ...given,
})

describe('a day of runs', () => {
  it('shows the worst that happened, and whether anything went well besides', () => {
    expect(kindOf(day({}))).toBe('none')
    expect(kindOf(day({ runs: 3, succeeded: 3 }))).toBe('good')
    expect(kindOf(day({ runs: 3, succeeded: 2, partial: 1 }))).toBe('part')
    expect(kindOf(day({ runs: 3, succeeded: 2, held: 1 }))).toBe('held')
    expect(kindOf(day({ runs: 3, succeeded: 1, held: 1, failed: 1 }))).toBe('some')
    expect(kindOf(day({ runs: 3, held: 2, failed: 1 }))).toBe('bad')
    expect(kindOf(day({ skipped: 4 }))).toBe('off')
  })

  it('is said in words', () => {
    expect(dayText(day({}))).toBe('no runs')
    expect(dayText(day({ skipped: 2 }))).toBe('no runs, 2 skipped')
    expect(dayText(day({ runs: 1, succeeded: 1 }))).toBe('1 run, all good')
    expect(dayText(day({ runs: 4, succeeded: 2, failed: 1, worst: 'portal_down' }))).toBe(
      '4 runs: 2 good, 1 failed, 1 going (Portal down)',
    )
  })

  it('keeps its date in a zone west of Greenwich', () => {
    expect(dayName('2030-01-02')).toBe('Wed, Jan 2')
  })

  it('is summed up', () => {
    expect(summary([day({}), day({ runs: 20, failed: 2, held: 1 })])).toBe('20 runs in the last 2 days, 2 failed, 1 held')
    expect(summary([day({ runs: 1 })])).toBe('1 run in the last 1 days, none failed')
    expect(summary([day({})])).toBe('No runs in the last 1 days')
  })
})
