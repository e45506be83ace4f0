import { describe, expect, it } from 'vitest'
import { dayName, daysOf, kindOf, marks, startOf, stretches, summary, ticks, type Slot } from './days'
import { rangeOf, startDate, tooMany } from './range'

const slot = (at: string, more: Partial<Slot> = {}): Slot => ({
  at,
  local: at,
  state: 'ran',
  reason: null,
  message: null,
  outcome: 'success',
  run_id: 1,
  lag_seconds: 0,
  extra: false,
  ...more,
})
const hourly = (from: string, n: number, more: Partial<Slot> = {}, minutes = 60) =>
  Array.from({ length: n }, (_, i) => slot(new Date(Date.parse(from) + i * minutes * 60_000).toISOString(), more))

describe('days', () => {
  it('has 25 hours when the clocks go back and 23 when they go forward', () => {
    const zone = 'America/Chicago'
    const back = daysOf([], startOf('2026-11-01', zone), startOf('2026-11-02', zone), zone)
    expect(back.map((day) => (day.to - day.from) / 3_600_000)).toEqual([25])
    expect(dayName(back[0]!, zone, new Date('2026-11-01T12:00:00Z'))).toEqual({
      name: 'Today, Sun, Nov 1',
      note: 'Clocks go back: 25 hours',
    })
    const forward = daysOf([], startOf('2026-03-08', zone), startOf('2026-03-09', zone), zone)
    expect(forward.map((day) => (day.to - day.from) / 3_600_000)).toEqual([23])
    // 3 AM is there although 2 AM is not; 6 AM is five hours after midnight.
    expect(ticks(forward[0]!, zone).map((tick) => [tick.hour, (tick.at - forward[0]!.from) / 3_600_000])).toEqual([
      [0, 0],
      [3, 2],
      [6, 5],
      [9, 8],
      [12, 11],
      [15, 14],
      [18, 17],
      [21, 20],
    ])
  })

  it('begins where clocks skip midnight at one in the morning', () => {
    // Havana skips 0:00 to 1:00 on that day.
    expect(new Date(startOf('2026-03-08', 'America/Havana')).toISOString()).toBe('2026-03-08T05:00:00.000Z')
    expect(new Date(startOf('2026-07-01', 'Pacific/Kiritimati')).toISOString()).toBe('2026-06-30T10:00:00.000Z')
    expect(new Date(startOf('2026-07-01', 'Asia/Kolkata')).toISOString()).toBe('2026-06-30T18:30:00.000Z')
  })

  it('gives each slot to one day, also across a change of the clocks', () => {
    const zone = 'America/Chicago'
    const slots = hourly('2026-10-31T05:00:00Z', 24 + 25 + 24)
    const days = daysOf(slots, Date.parse('2026-10-31T05:00:00Z'), Date.parse('2026-11-03T06:00:00Z'), zone)
    expect(days.map((day) => [day.date, day.slots.length])).toEqual([
      ['2026-10-31', 24],
      ['2026-11-01', 25],
      ['2026-11-02', 24],
    ])
  })

  it('keeps days without slots', () => {
    const days = daysOf(
      [slot('2026-07-03T12:00:00Z')],
      Date.parse('2026-07-01T12:00:00Z'),
      Date.parse('2026-07-03T13:00:00Z'),
      'UTC',
    )
    expect(days.map((day) => day.slots.length)).toEqual([0, 0, 1])
  })
})

describe('marks', () => {
  const day = (slots: Slot[]) => daysOf(slots, Date.parse('2026-07-01T00:00:00Z'), Date.parse('2026-07-02T00:00:00Z'), 'UTC')[0]!

  it('stand alone where there is room', () => {
    expect(marks(day(hourly('2026-07-01T00:00:00Z', 24)), 960, 14, 0)).toHaveLength(24)
  })

  it('share one where there is none, the worst of them in front, and never past and future', () => {
    const slots = [
      ...hourly('2026-07-01T00:00:00Z', 30, {}, 1),
      slot('2026-07-01T00:30:00Z', { outcome: 'portal_down' }),
      ...hourly('2026-07-01T00:31:00Z', 9, { state: 'paused', outcome: null }, 1),
    ]
    const found = marks(day(slots), 960, 28, Date.parse('2026-07-01T00:30:30Z'))
    expect(found.map((mark) => [mark.kind, mark.slots.length])).toEqual([
      ['failed', 31],
      ['skipped', 9],
    ])
  })

  it('lists neighbours that went the same way as one', () => {
    const slots = [
      ...hourly('2026-07-01T00:00:00Z', 3),
      slot('2026-07-01T03:00:00Z', { state: 'skipped_overlap', outcome: null }),
      slot('2026-07-01T04:00:00Z', { state: 'paused', outcome: null }),
      ...hourly('2026-07-01T05:00:00Z', 2),
    ]
    expect(stretches(slots).map((one) => one.slots.length)).toEqual([3, 1, 1, 2])
  })
})

describe('words', () => {
  const now = new Date('2026-07-01T08:30:00Z')

  it('says a day in a sentence', () => {
    const slots = [
      ...hourly('2026-07-01T00:00:00Z', 7),
      slot('2026-07-01T07:00:00Z', { outcome: 'layout_changed' }),
      slot('2026-07-01T08:00:00Z', { state: 'skipped_overlap', outcome: null }),
      ...hourly('2026-07-01T09:00:00Z', 3, { state: 'planned', outcome: null }),
    ]
    expect(summary(slots, now)).toBe('8 ran (1 failed), 1 skipped because the one before was still going, 3 to come')
    expect(summary([], now)).toBe('Nothing planned')
    expect(summary([], now, true)).toBe('Nothing was due')
    expect(summary(hourly('2026-07-01T00:00:00Z', 2, { outcome: 'held' }), now)).toBe('2 ran (all held for you)')
    expect(summary(hourly('2026-07-01T08:00:00Z', 3, { state: 'paused', outcome: null }), now)).toBe(
      '1 skipped while paused, 2 to be skipped while paused',
    )
  })

  it('knows what became of a slot', () => {
    expect(kindOf(slot('2026-07-01T00:00:00Z', { outcome: 'worker_lost' }))).toBe('failed')
    expect(kindOf(slot('2026-07-01T00:00:00Z', { outcome: null }))).toBe('ran')
    expect(kindOf(slot('2026-07-01T00:00:00Z', { state: 'breaker_open', outcome: null }))).toBe('skipped')
  })
})

describe('ranges', () => {
  const now = new Date('2026-11-03T12:34:56Z')

  it('are whole local days, whatever the clocks do', () => {
    const { from, to } = rangeOf('week', '2026-10-28', 'America/Chicago', now)
    expect((to - from) / 3_600_000).toBe(7 * 24 + 1)
    expect(startDate('week', 'America/Chicago', now)).toBe('2026-10-29')
  })

  it('stay within what the server lists', () => {
    expect(tooMany('now', 1 / 60)).toBeUndefined()
    expect(tooMany('week', 1 / 60)).toContain('5,000')
    expect(tooMany('month', 0.5)).toBeUndefined()
  })
})
