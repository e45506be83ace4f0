// Which orders the list shows, in which order: all of it is in the address.
import { dateOf, type Order } from './words'

export type Sort = 'date' | '-date' | 'site' | '-site'

export interface View {
  q: string
  service: string
  status: string
  from: string
  to: string
  removed: boolean
  sort: Sort
  days: boolean
}

const sorts: Sort[] = ['date', '-date', 'site', '-site']

export function readView(params: URLSearchParams): View {
  const sort = sorts.find((each) => each === params.get('sort')) ?? 'date'
  return {
    q: params.get('q') ?? '',
    service: params.get('service') ?? '',
    status: params.get('status') ?? '',
    from: dateOf(params.get('from')) ?? '',
    to: dateOf(params.get('to')) ?? '',
    removed: params.get('removed') === '1',
    sort,
    days: params.get('days') !== '0' && sort.endsWith('date'),
  }
}

/** How many filters are set, the search not counted. */
export const filtersSet = (view: View) =>
  [view.service, view.status, view.from, view.to].filter(Boolean).length + (view.removed ? 1 : 0)

function haystack(order: Order): string {
  return [
    order.external_id,
    order.visit_number,
    order.store_number,
    order.site_name,
    order.customer_name,
    order.city_state,
    order.street,
    order.county,
  ]
    .filter(Boolean)
    .join(' ')
    .toLowerCase()
}

const bySite = (a: Order, b: Order) =>
  a.site_name.localeCompare(b.site_name) ||
  (a.store_number ?? '').localeCompare(b.store_number ?? '', 'en', { numeric: true }) ||
  a.id.localeCompare(b.id)

/** Orders without a date come last, whichever way the dates run. */
function byDate(sign: 1 | -1) {
  return (a: Order, b: Order) => {
    const [left, right] = [dateOf(a.scheduled_date), dateOf(b.scheduled_date)]
    if (left === right) return bySite(a, b)
    if (!left) return 1
    if (!right) return -1
    return left < right ? -sign : sign
  }
}

export function shownOrders(orders: readonly Order[], view: View): Order[] {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = orders.filter((order) => {
    const date = dateOf(order.scheduled_date)
    if (view.service && order.service_code !== view.service) return false
    if (view.status && order.status !== view.status) return false
    if (view.from && !(date && date >= view.from)) return false
    if (view.to && !(date && date <= view.to)) return false
    if (!view.removed && order.removed_at) return false
    if (words.length === 0) return true
    const hay = haystack(order)
    return words.every((word) => hay.includes(word))
  })
  const sort = { date: byDate(1), '-date': byDate(-1), site: bySite, '-site': (a: Order, b: Order) => bySite(b, a) }[view.sort]
  return shown.sort(sort)
}

export type Line = { kind: 'day'; key: string; date?: string; count: number } | { kind: 'order'; key: string; order: Order }

/** The lines of the list: orders, with a line before each day when they are grouped. */
export function linesOf(orders: readonly Order[], days: boolean): Line[] {
  const lines: Line[] = []
  let day: (Line & { kind: 'day' }) | undefined
  for (const order of orders) {
    const date = dateOf(order.scheduled_date)
    if (days) {
      if (!day || day.date !== date) lines.push((day = { kind: 'day', key: `day ${date ?? 'none'}`, date, count: 0 }))
      day.count++
    }
    lines.push({ kind: 'order', key: order.id, order })
  }
  return lines
}

/** The services of the orders, for the filter: code and one of its descriptions. */
export function servicesOf(orders: readonly Order[]): { value: string; label: string }[] {
  const found = new Map<string, string>()
  for (const { service_code, service_description, service_name } of orders)
    if (service_code && !found.has(service_code)) found.set(service_code, service_description || service_name || '')
  return [...found]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([value, name]) => ({ value, label: name ? `${value} ${name}` : value }))
}
