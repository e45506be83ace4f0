// Slots sorted into local days, and into marks that fit on a strip. A day may have 23, 24 or 25 hours: it is a pair of moments, never a length.
import type { Schemas } from '../../api/client'
import { count } from '../../outcomes'
import { localDate } from '../../time/zone'

export type Slot = Schemas['Slot']

/** What became of a slot, as one of the few signs that the strip has. */
export type Kind =
  'running' | 'failed' | 'missed' | 'held' | 'part' | 'due' | 'skipped' | 'cancelled' | 'ran' | 'good' | 'planned'

/** Most urgent first: where marks are too close, the first of these stands for all of them. */
const order: Kind[] = ['running', 'failed', 'missed', 'held', 'part', 'due', 'skipped', 'cancelled', 'ran', 'good', 'planned']

export function kindOf(slot: Slot): Kind {
  switch (slot.state) {
    case 'planned':
    case 'due':
    case 'running':
    case 'missed':
      return slot.state
    case 'ran':
      break
    default:
      return 'skipped'
  }
  switch (slot.outcome) {
    case 'success':
      return 'good'
    case 'partial':
      return 'part'
    case 'held':
    case 'cancelled':
      return slot.outcome
    case null:
      return 'ran'
    default:
      return 'failed'
  }
}

export const at = (slot: Slot) => Date.parse(slot.at)

const hour = 3_600_000
const minute = 60_000

/** The first moment of a local date: midnight, or what the clocks show first where they skip it. */
export function startOf(date: string, zone: string): number {
  let low = Date.parse(`${date}T00:00:00Z`) - 16 * hour
  let high = low + 32 * hour
  while (high - low > minute) {
    const middle = low + Math.floor((high - low) / 2 / minute) * minute
    if (localDate(new Date(middle), zone) >= date) high = middle
    else low = middle
  }
  return high
}

/** The date some days later or earlier. */
export function shift(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * hour).toISOString().slice(0, 10)
}

export interface Day {
  date: string
  from: number
  to: number
  slots: Slot[]
}

/** All local days of a range, also the empty ones. */
export function daysOf(slots: Slot[], from: number, to: number, zone: string): Day[] {
  const days: Day[] = []
  let next = 0
  for (let date = localDate(new Date(from), zone), start = startOf(date, zone); start < to;) {
    const after = shift(date, 1)
    const end = startOf(after, zone)
    const own: Slot[] = []
    for (let slot = slots[next]; slot && at(slot) < end; slot = slots[++next]) own.push(slot)
    // A date that a zone left out altogether has no moments.
    if (end > start) days.push({ date, from: start, to: end, slots: own })
    date = after
    start = end
  }
  return days
}

export interface Tick {
  at: number
  hour: number
}

/** The moments at which the local clock shows every third hour. */
export function ticks(day: Day, zone: string, every = 3): Tick[] {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const found: Tick[] = []
  for (let moment = day.from; moment < day.to; moment += hour / 4) {
    const [h = 0, m] = format.format(moment).split(':').map(Number)
    if (m === 0 && h % every === 0 && !found.some((tick) => tick.hour === h)) found.push({ at: moment, hour: h })
  }
  return found
}

export interface Mark {
  key: string
  from: number
  to: number
  kind: Kind
  slots: Slot[]
}

/** Slots as marks at least so far apart; those that would cover each other share one. What is to come never shares with what was. */
export function marks(day: Day, width: number, apart: number, now: number): Mark[] {
  const gap = ((day.to - day.from) / Math.max(width, 1)) * apart
  const found: Mark[] = []
  for (const slot of day.slots) {
    const moment = at(slot)
    const kind = kindOf(slot)
    const last = found.at(-1)
    if (last && moment - last.from < gap && last.to > now === moment > now) {
      last.slots.push(slot)
      last.to = moment
      last.kind = worse(last.kind, kind)
    } else found.push({ key: slot.at, from: moment, to: moment, kind, slots: [slot] })
  }
  return found
}

const worse = (a: Kind, b: Kind) => (order.indexOf(a) < order.indexOf(b) ? a : b)

/** Neighbours that went the same way, as one: what a narrow screen lists. */
export function stretches(slots: Slot[]): Mark[] {
  const found: Mark[] = []
  for (const slot of slots) {
    const last = found.at(-1)
    const previous = last?.slots.at(-1)
    if (last && previous && previous.state === slot.state && previous.outcome === slot.outcome) {
      last.slots.push(slot)
      last.to = at(slot)
    } else found.push({ key: slot.at, from: at(slot), to: at(slot), kind: kindOf(slot), slots: [slot] })
  }
  return found
}

/** Why slots did not run, and will not. */
const reasons: [Slot['state'], string, string][] = [
  ['skipped_overlap', 'skipped because the one before was still going', 'to be skipped because one is still going'],
  ['paused', 'skipped while paused', 'to be skipped while paused'],
  ['held_credentials', 'skipped for want of a sign-in', 'to be skipped until you sign in again'],
  ['breaker_open', 'skipped because the portal was down for everybody', 'to be skipped while the portal is down'],
  ['skip_date', 'left out on a skip date', 'to be left out on a skip date'],
  ['missed', 'missed', 'missed'],
]

const ends: [Kind, string][] = [
  ['failed', 'failed'],
  ['held', 'held for you'],
  ['part', 'partly read'],
  ['cancelled', 'cancelled'],
]

/** "8 ran (1 failed), 1 skipped because the one before was still going, 3 to come". */
export function summary(slots: Slot[], now: Date, over = false): string {
  if (slots.length === 0) return over ? 'Nothing was due' : 'Nothing planned'
  const number = (test: (slot: Slot) => boolean) => slots.filter(test).length
  const parts: string[] = []
  const ran = number((slot) => slot.state === 'ran')
  if (ran > 0) {
    const bad = ends
      .map(([kind, text]) => [number((slot) => kindOf(slot) === kind), text] as const)
      .filter(([n]) => n > 0)
      .map(([n, text]) => (n === ran ? (n === 1 ? text : `all ${text}`) : `${n.toLocaleString()} ${text}`))
    parts.push(`${ran.toLocaleString()} ran${bad.length ? ` (${bad.join(', ')})` : ''}`)
  }
  for (const [state, was, willBe] of reasons) {
    const n = number((slot) => slot.state === state && at(slot) <= now.getTime())
    if (n > 0) parts.push(`${n.toLocaleString()} ${was}`)
    const later = number((slot) => slot.state === state && at(slot) > now.getTime())
    if (later > 0) parts.push(`${later.toLocaleString()} ${willBe}`)
  }
  const running = number((slot) => slot.state === 'running')
  if (running > 0) parts.push(`${running} running`)
  const due = number((slot) => slot.state === 'due')
  if (due > 0) parts.push(`${due} due now`)
  const planned = number((slot) => slot.state === 'planned')
  if (planned > 0) parts.push(`${planned.toLocaleString()} to come`)
  return parts.join(', ')
}

/** "Today, Tue, Nov 24", with a word about a day on which the clocks change. */
export function dayName(day: Day, zone: string, now: Date): { name: string; note?: string } {
  const today = localDate(now, zone)
  const noon = new Date(`${day.date}T12:00:00Z`)
  const date = noon.toLocaleDateString(undefined, { timeZone: 'UTC', weekday: 'short', month: 'short', day: 'numeric' })
  const near = { [today]: 'Today', [shift(today, 1)]: 'Tomorrow', [shift(today, -1)]: 'Yesterday' }[day.date]
  const hours = (day.to - day.from) / hour
  const note = hours === 24 ? undefined : `Clocks go ${hours > 24 ? 'back' : 'forward'}: ${count(hours, 'hour')}`
  return { name: near ? `${near}, ${date}` : date, note }
}
