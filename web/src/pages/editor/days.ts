// The slots of a preview by day, with the days between them that have none and why.
import type { Schemas } from '../../api/client'
import type { Form } from './form'

export interface Day {
  kind: 'day'
  date: string
  slots: Schemas['PreviewSlot'][]
}

export interface Gap {
  kind: 'gap'
  from: string
  to: string
  why: 'skip' | 'weekday' | 'none'
}

const shift = (date: string, days: number) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
const next = (date: string) => shift(date, 1)
const before = (date: string) => shift(date, -1)

export const weekday = (date: string) => new Date(date).getUTCDay()

/** Days with their slots in order; a run of days without any is one entry per reason. */
export function byDay(
  slots: Schemas['PreviewSlot'][],
  today: string,
  form: Pick<Form, 'days' | 'skipDates' | 'hours'>,
): (Day | Gap)[] {
  const shown: (Day | Gap)[] = []
  // A window over midnight belongs to the day on which it opens: what is missing in the morning may be left out with the evening before.
  const over = form.hours !== undefined && form.hours.end <= form.hours.start
  const why = (date: string): Gap['why'] => {
    const opened = over ? [date, before(date)] : [date]
    if (opened.some((day) => form.skipDates.includes(day))) return 'skip'
    return form.days.length > 0 && opened.some((day) => !form.days.includes(weekday(day))) ? 'weekday' : 'none'
  }
  let date = today
  for (const slot of slots) {
    const day = slot.local.slice(0, 10)
    // What is left of today is no gap by itself; a today that is left out is one.
    if (date < day && date === today && why(date) === 'none') date = next(date)
    for (let guard = 0; date < day && guard < 400; date = next(date), guard++) {
      const last = shown.at(-1)
      const reason = why(date)
      if (last?.kind === 'gap' && last.why === reason) last.to = date
      else shown.push({ kind: 'gap', from: date, to: date, why: reason })
    }
    const last = shown.at(-1)
    if (last?.kind === 'day' && last.date === day) last.slots.push(slot)
    else shown.push({ kind: 'day', date: day, slots: [slot] })
    date = next(day)
  }
  return shown
}
