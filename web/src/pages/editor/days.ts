// The slots of a preview by day, with the days between them that have none and why.
import type { Schemas } from '../../api/client'

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

const next = (date: string) => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)

export const weekday = (date: string) => new Date(date).getUTCDay()

/** Days with their slots in order; a run of days without any is one entry per reason. */
export function byDay(slots: Schemas['PreviewSlot'][], today: string, days: number[], skipped: string[]): (Day | Gap)[] {
  const shown: (Day | Gap)[] = []
  const why = (date: string): Gap['why'] => {
    if (skipped.includes(date)) return 'skip'
    return days.length > 0 && !days.includes(weekday(date)) ? 'weekday' : 'none'
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
