// Which part of time the page shows; kept in its address.
import { localDate } from '../../time/zone'
import { shift, startOf } from './days'

export const views = ['now', 'day', 'week', 'month'] as const
export type View = (typeof views)[number]

export const viewNames: Record<View, string> = { now: 'Now ± 24 h', day: 'Day', week: 'Week', month: '31 days' }
const lengths: Record<View, number> = { now: 2, day: 1, week: 7, month: 31 }

/** The most slots that the server lists at once. */
const mostSlots = 5000

const hour = 3_600_000

export interface Range {
  from: number
  to: number
}

export const isView = (text: string | null): text is View => views.includes(text as View)
export const isDate = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** The moments of a view. "now" moves on every ten minutes, so that its answers can be kept that long. */
export function rangeOf(view: View, date: string | null, zone: string, now: Date): Range {
  if (view === 'now') {
    const middle = Math.floor(now.getTime() / 600_000) * 600_000
    return { from: middle - 24 * hour, to: middle + 24 * hour }
  }
  const first = date ?? startDate(view, zone, now)
  return { from: startOf(first, zone), to: startOf(shift(first, lengths[view]), zone) }
}

/** Where a view begins by itself: today, or so that today is its last day but one. */
export function startDate(view: View, zone: string, now: Date): string {
  const today = localDate(now, zone)
  return view === 'day' ? today : shift(today, 2 - lengths[view])
}

export const step = (view: View, date: string, forward: boolean) => shift(date, forward ? lengths[view] : -lengths[view])

/** Why a view cannot be shown for a schedule; undefined when it can. */
export function tooMany(view: View, intervalHours: number): string | undefined {
  const slots = (lengths[view] * 24) / Math.max(intervalHours, 1 / 3600)
  return slots > mostSlots ? `Runs too often for this: more than ${mostSlots.toLocaleString()} slots` : undefined
}
