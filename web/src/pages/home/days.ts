// How the runs of a day are drawn and read. Pure.
import type { Schemas } from '../../api/client'
import { count, word } from '../../outcomes'

export type Day = Schemas['HomeDay']
export type Kind = 'good' | 'part' | 'held' | 'some' | 'bad' | 'off' | 'none'

/** Worst first, as the legend lists them. */
export const kinds: { kind: Kind; label: string }[] = [
  { kind: 'bad', label: 'All failed' },
  { kind: 'some', label: 'Some failed' },
  { kind: 'held', label: 'Held for you' },
  { kind: 'part', label: 'Partly read' },
  { kind: 'good', label: 'All good' },
  { kind: 'off', label: 'Only skipped or cancelled' },
  { kind: 'none', label: 'No runs' },
]

export function kindOf(day: Day): Kind {
  if (day.failed > 0) return day.succeeded + day.partial > 0 ? 'some' : 'bad'
  if (day.held > 0) return 'held'
  if (day.partial > 0) return 'part'
  if (day.succeeded > 0) return 'good'
  if (day.cancelled + day.skipped > 0) return 'off'
  return 'none'
}

/** A local date as people say it, whatever zone the reader is in: it is a day of the calendar, not a moment. */
export const dayName = (date: string) =>
  new Intl.DateTimeFormat(undefined, { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  )

/** "12 runs: 11 good, 1 failed (Portal down)". */
export function dayText(day: Day): string {
  const ends = [
    [day.succeeded, 'good'],
    [day.partial, 'partly read'],
    [day.held, 'held'],
    [day.failed, 'failed'],
    [day.cancelled, 'cancelled'],
    [day.runs - day.succeeded - day.partial - day.held - day.failed - day.cancelled, 'going'],
  ] as const
  const said = ends.filter(([n]) => n > 0)
  const reason = day.failed > 0 && day.worst ? ` (${word(day.worst).label})` : ''
  const skipped = day.skipped > 0 ? `, ${day.skipped.toLocaleString()} skipped` : ''
  if (day.runs === 0) return day.skipped > 0 ? `no runs${skipped}` : 'no runs'
  if (said.length === 1 && said[0]?.[1] === 'good') return `${count(day.runs, 'run')}, all good${skipped}`
  return `${count(day.runs, 'run')}: ${said.map(([n, what]) => `${n.toLocaleString()} ${what}`).join(', ')}${reason}${skipped}`
}

/** All days in one sentence, for who cannot see the squares. */
export function summary(days: Day[]): string {
  const sum = (pick: (day: Day) => number) => days.reduce((n, day) => n + pick(day), 0)
  const runs = sum((day) => day.runs)
  const over = `in the last ${days.length} days`
  if (runs === 0) return `No runs ${over}`
  const failed = sum((day) => day.failed)
  const held = sum((day) => day.held)
  const parts = [failed ? `${failed.toLocaleString()} failed` : 'none failed']
  if (held) parts.push(`${held.toLocaleString()} held`)
  return `${count(runs, 'run')} ${over}, ${parts.join(', ')}`
}
