import type { Schemas } from '../../api/client'
import { hourName } from '../../time/zone'

export type Cell = Schemas['HeatmapCell']

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Slots of an hour that have come to an end, and those of them that did not bring data. */
export function past(cell: Cell): { all: number; bad: number } {
  const bad = cell.failed + cell.held + cell.not_run
  return { all: bad + cell.succeeded + cell.partial + cell.cancelled, bad }
}

/** Steps of colour: 0 is none, 4 the most. */
export const step = (share: number) => (share <= 0 ? 0 : Math.min(4, Math.ceil(share * 4)))

/** What a cell says when it is pointed at. */
export function sayCell(cell: Cell): string {
  const { all } = past(cell)
  const parts = (
    [
      [cell.succeeded, 'succeeded'],
      [cell.partial, 'partly read'],
      [cell.failed, 'failed'],
      [cell.held, 'held'],
      [cell.cancelled, 'cancelled'],
      [cell.not_run, 'did not run'],
    ] as const
  )
    .filter(([n]) => n > 0)
    .map(([n, text]) => `${n.toLocaleString()} ${text}`)
  const before = all === 0 ? 'nothing so far' : parts.join(', ')
  return `${weekdays[cell.weekday]} ${hourName(cell.hour)}: ${before}; ${cell.planned.toLocaleString()} in the next 7 days`
}

/** The whole grid in a sentence. */
export function sayHeat(cells: Cell[], weeks: number): string {
  const all = cells.reduce((sum, cell) => sum + past(cell).all, 0)
  const bad = cells.reduce((sum, cell) => sum + past(cell).bad, 0)
  const planned = cells.reduce((sum, cell) => sum + cell.planned, 0)
  const coming = `${planned.toLocaleString()} to come in the next 7 days.`
  if (all === 0) return `No slot has passed yet; ${coming}`
  const span = weeks === 1 ? 'the last week' : `the last ${weeks} weeks`
  if (bad === 0) return `${all === 1 ? 'The one slot' : `All ${all.toLocaleString()} slots`} of ${span} went well; ${coming}`
  const worst = cells.reduce((a, b) => (past(b).bad > past(a).bad ? b : a))
  return `${bad.toLocaleString()} of ${all.toLocaleString()} slots of ${span} brought no data, most on ${weekdays[worst.weekday]} at ${hourName(worst.hour)} (${past(worst).bad} of ${past(worst).all}); ${coming}`
}
