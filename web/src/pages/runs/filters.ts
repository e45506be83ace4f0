// The filters of the list of runs and how they stand in the address, so that a link or a reload shows the same.
import type { operations } from '../../api/schema'
import { paths } from '../../paths'

export type RunsQuery = NonNullable<operations['list-runs']['parameters']['query']>
export type OutcomeFilter = NonNullable<RunsQuery['outcome']>[number]
export type TriggerFilter = NonNullable<RunsQuery['trigger']>[number]

export interface RunFilters {
  /** Job type; the API takes one. */
  types: string[]
  outcomes: OutcomeFilter[]
  triggers: TriggerFilter[]
  /** Local dates, both included; empty: no bound. */
  from: string
  to: string
  /** The zone of the dates, where it is not the reader's. */
  zone: string
  schedule?: number
}

export const none: RunFilters = { types: [], outcomes: [], triggers: [], from: '', to: '', zone: '' }

/** Ends after which somebody should look. */
export const problems: OutcomeFilter[] = [
  'held',
  'partial',
  'credentials_rejected',
  'account_locked',
  'session_expired',
  'layout_changed',
  'portal_throttled',
  'portal_down',
  'timed_out',
  'terminated',
  'worker_lost',
  'internal_error',
]

export const outcomes: OutcomeFilter[] = ['running', 'success', ...problems, 'cancelled']
export const triggerNames: TriggerFilter[] = ['scheduled', 'manual', 'backfill']

const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

const known = <T extends string>(values: string[], all: readonly T[]) => all.filter((one) => values.includes(one))

/** What an address asks for; what it has of nonsense is left aside. */
export function read(params: URLSearchParams): RunFilters {
  const date = (name: string) => {
    const text = params.get(name) ?? ''
    return isDate(text) ? text : ''
  }
  const asked = params.getAll('outcome')
  const schedule = Number(params.get('schedule'))
  return {
    types: known(params.getAll('type'), ['work_orders', 'dispensers', 'filters']).slice(0, 1),
    outcomes: asked.includes('problems') ? problems : known(asked, outcomes),
    triggers: known(params.getAll('trigger'), triggerNames),
    from: date('from'),
    to: date('to'),
    zone: params.get('zone') ?? '',
    schedule: Number.isInteger(schedule) && schedule > 0 ? schedule : undefined,
  }
}

export const onlyProblems = (filters: RunFilters) =>
  filters.outcomes.length === problems.length && problems.every((one) => filters.outcomes.includes(one))

export function write(filters: Partial<RunFilters>): URLSearchParams {
  const all = { ...none, ...filters }
  const params = new URLSearchParams()
  for (const type of all.types) params.append('type', type)
  if (onlyProblems(all)) params.append('outcome', 'problems')
  else for (const outcome of all.outcomes) params.append('outcome', outcome)
  for (const trigger of all.triggers) params.append('trigger', trigger)
  if (all.from) params.set('from', all.from)
  if (all.to) params.set('to', all.to)
  if (all.zone && (all.from || all.to)) params.set('zone', all.zone)
  if (all.schedule) params.set('schedule', String(all.schedule))
  return params
}

/** A link to the runs that some filters leave. */
export const runsOf = (filters: Partial<RunFilters>) => ({ pathname: paths.runs(), search: `?${write(filters)}` })

/** The moment at which a local date begins in a zone, also on days on which the clocks are moved. */
export function startOfDay(date: string, zone: string): Date {
  const wanted = Date.parse(`${date}T00:00:00Z`)
  let at = wanted
  // The offset at the guess leads to the offset at the true moment; twice is enough unless the clocks move at midnight.
  for (let i = 0; i < 2; i++) at = wanted - offset(at, zone)
  return new Date(at)
}

function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value)
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) -
    Math.floor(at / 1000) * 1000
  )
}

const dayAfter = (date: string) => new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** What to ask the API for. */
export function queryOf(filters: RunFilters, zone: string): RunsQuery {
  return {
    schedule_type: filters.types[0],
    outcome: filters.outcomes.length ? filters.outcomes : undefined,
    trigger: filters.triggers.length ? filters.triggers : undefined,
    from: filters.from ? startOfDay(filters.from, zone).toISOString() : undefined,
    to: filters.to ? startOfDay(dayAfter(filters.to), zone).toISOString() : undefined,
    schedule_id: filters.schedule,
  }
}
