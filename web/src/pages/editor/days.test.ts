import { describe, expect, it } from 'vitest'
import { byDay } from './days'

const slot = (local: string) => ({ at: `${local}Z`, local: `${local}-06:00` })
const all = { days: [], skipDates: [], hours: undefined }

describe('byDay', () => {
  it('puts slots under their local day and says nothing of a day that is over', () => {
    const shown = byDay(
      [slot('2030-01-02T06:00:00'), slot('2030-01-02T18:00:00'), slot('2030-01-03T06:00:00')],
      '2030-01-01',
      all,
    )
    expect(shown.map((each) => (each.kind === 'day' ? [each.date, each.slots.length] : each.why))).toEqual([
      ['2030-01-02', 2],
      ['2030-01-03', 1],
    ])
  })

  it('says why a day has none, one entry for days with the same reason', () => {
    // Friday the 4th, then a skipped Monday.
    const form = { days: [1, 2, 3, 4, 5], skipDates: ['2030-01-07'], hours: undefined }
    const shown = byDay([slot('2030-01-04T06:00:00'), slot('2030-01-08T06:00:00')], '2030-01-04', form)
    expect(shown.filter((each) => each.kind === 'gap')).toEqual([
      { kind: 'gap', from: '2030-01-05', to: '2030-01-06', why: 'weekday' },
      { kind: 'gap', from: '2030-01-07', to: '2030-01-07', why: 'skip' },
    ])
  })

  it('counts the morning after a skipped evening as skipped', () => {
    const form = { days: [], skipDates: ['2030-01-02'], hours: { start: 22, end: 4 } }
    const shown = byDay([slot('2030-01-02T00:41:00'), slot('2030-01-04T00:41:00')], '2030-01-02', form)
    expect(shown[1]).toEqual({ kind: 'gap', from: '2030-01-03', to: '2030-01-03', why: 'skip' })
  })
})
