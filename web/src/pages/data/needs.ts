// Filters to bring in a period: totals from the details of a count, and what a count is asked for.
import type { Schemas } from '../../api/client'
import { locationOf } from './portal'
import { addDays, dateOf, monday, type Order } from './words'

type Result = Schemas['Result']
export type Detail = Schemas['Detail']
export type Warning = Schemas['Warning']

export const periods = ['this-week', 'next-week', 'all', 'dates'] as const
export type PeriodName = (typeof periods)[number]

/** First and last local date, both included; an open end is undefined. */
export interface Period {
  name: PeriodName
  from?: string
  to?: string
}

/** The period that an address names; weeks begin on Monday. */
export function readPeriod(params: URLSearchParams, today: string): Period {
  const name = periods.find((each) => each === params.get('period')) ?? 'this-week'
  if (name === 'all') return { name }
  if (name === 'dates') return { name, from: dateOf(params.get('from')), to: dateOf(params.get('to')) }
  const from = addDays(monday(today), name === 'next-week' ? 7 : 0)
  return { name, from, to: addDays(from, 6) }
}

export interface Part {
  part: string
  description: string
  quantity: number
  /** Undefined while nobody knows how many are in a box. */
  boxes?: number
}

export interface Totals {
  parts: Part[]
  filters: number
  boxes?: number
}

/** Totals by part number, most first. Boxes are rounded up once for each part: two days with three filters need one box of six. */
export function totalsOf(details: Detail[], boxSizes: Record<string, number> | undefined): Totals {
  const found = new Map<string, Part>()
  for (const detail of details)
    for (const [part, { quantity, description }] of Object.entries(detail.filters)) {
      const known = found.get(part) ?? { part, description, quantity: 0 }
      known.quantity += quantity
      found.set(part, known)
    }
  const parts = [...found.values()]
    .map((part) => {
      const size = boxSizes?.[part.part]
      return { ...part, boxes: size ? Math.ceil(part.quantity / size) : undefined }
    })
    .sort((a, b) => b.quantity - a.quantity || a.part.localeCompare(b.part))
  return {
    parts,
    filters: parts.reduce((sum, { quantity }) => sum + quantity, 0),
    boxes: parts.some(({ boxes }) => boxes === undefined) ? undefined : parts.reduce((sum, { boxes = 0 }) => sum + boxes, 0),
  }
}

export interface Day {
  date?: string
  details: Detail[]
  totals: Totals
}

export interface Need {
  days: Day[]
  totals: Totals
  jobs: number
  /** Orders that need filters at sites whose dispensers nobody has read. */
  uncounted: number
  /** Orders without a date; they are in no period but "all". */
  undated: number
  warnings: WarningGroup[]
}

export function needOf(result: Result, period: Period, boxSizes: Record<string, number> | undefined): Need {
  const bounded = period.from !== undefined || period.to !== undefined
  const details = result.details.filter((detail) => {
    const date = dateOf(detail.scheduledDate)
    if (!date) return !bounded
    return (!period.from || date >= period.from) && (!period.to || date <= period.to)
  })
  const days = new Map<string, Detail[]>()
  for (const detail of details) {
    const date = dateOf(detail.scheduledDate) ?? ''
    days.set(date, [...(days.get(date) ?? []), detail])
  }
  return {
    days: [...days]
      .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)))
      .map(([date, list]) => ({ date: date || undefined, details: list, totals: totalsOf(list, boxSizes) })),
    totals: totalsOf(details, boxSizes),
    jobs: details.length,
    uncounted: details.filter((detail) => detail.requiresFilters && detail.dispenserCount === 0).length,
    undated: bounded ? result.details.filter((detail) => !dateOf(detail.scheduledDate)).length : 0,
    warnings: groupWarnings(result.warnings, bounded ? new Set(details.map((detail) => detail.jobId)) : undefined),
  }
}

export interface WarningGroup {
  type: string
  severity: number
  messages: { message: string; jobs: string[]; suggestions: string[] }[]
  jobs: number
}

/** Warnings by kind, worst first; the same sentence once, with all orders that it is about. Without jobs: all of them. */
export function groupWarnings(warnings: Warning[], jobs?: ReadonlySet<string>): WarningGroup[] {
  const groups = new Map<string, WarningGroup>()
  for (const warning of warnings) {
    const about = jobs ? warning.affectedJobs.filter((job) => jobs.has(job)) : warning.affectedJobs
    if (jobs && warning.affectedJobs.length > 0 && about.length === 0) continue
    const group = groups.get(warning.type) ?? { type: warning.type, severity: 0, messages: [], jobs: 0 }
    groups.set(warning.type, group)
    group.severity = Math.max(group.severity, warning.severity)
    const same = group.messages.find(({ message }) => message === warning.message)
    if (same) same.jobs.push(...about)
    else group.messages.push({ message: warning.message, jobs: [...about], suggestions: warning.suggestions })
  }
  for (const group of groups.values()) group.jobs = new Set(group.messages.flatMap((each) => each.jobs)).size
  return [...groups.values()].sort((a, b) => b.severity - a.severity || b.jobs - a.jobs)
}

/** "9 x All Dispensers" without its count: the rules know items by name. */
const itemName = (item: string) => item.replace(/^\d+ x /, '')

const bare = (store: string | null) => (store ?? '').replace(/^[\s#]+/, '').trim()

/**
 * What to count for stored orders. The count joins dispensers by store number, which two sites may share and which may be missing:
 * then the portal's number of the site is added, as schedules for filters do it.
 */
export function countInput(orders: Order[]): Schemas['FiltersInputBody'] {
  const sites = new Map<string, Set<string>>()
  for (const order of orders) {
    const store = bare(order.store_number)
    sites.set(store, (sites.get(store) ?? new Set()).add(locationOf(order.customer_url) ?? ''))
  }
  const storeOf = (order: Order) => {
    const location = locationOf(order.customer_url)
    const store = bare(order.store_number)
    const ambiguous = store === '' || (sites.get(store)?.size ?? 0) > 1
    return location && ambiguous ? `${order.store_number ?? ''} (${location})`.trim() : (order.store_number ?? '')
  }
  const seen = new Set<string>()
  return {
    workOrders: orders.map((order) => ({
      jobId: order.external_id ?? '',
      storeNumber: storeOf(order),
      storeName: order.site_name,
      customerName: order.customer_name || order.site_name,
      scheduledDate: dateOf(order.scheduled_date) ?? '',
      serviceCode: order.service_code ?? '',
      serviceName: order.service_name ?? '',
      address: order.address ?? '',
      instructions: order.instructions ?? '',
      items: order.service_items.map((item) => ({ name: itemName(item) })),
    })),
    dispensers: orders.flatMap((order) => {
      const location = locationOf(order.customer_url)
      if (!location || seen.has(location)) return []
      seen.add(location)
      return order.dispensers.map((dispenser) => ({
        storeNumber: storeOf(order),
        dispenserNumber: dispenser.dispenser_number,
        meterType: dispenser.meter_type ?? '',
        fuelGrades: dispenser.fuel_grades_list,
      }))
    }),
  }
}
