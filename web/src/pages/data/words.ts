// Words for people of what the data pages show.
import type { Schemas } from '../../api/client'
import { sayWord } from '../../outcomes'

export type Order = Schemas['WorkOrder']
export type Status = Order['status']

export const statuses: { value: Status; label: string; color: string }[] = [
  { value: 'pending', label: 'To do', color: 'gray' },
  { value: 'in_progress', label: 'In progress', color: 'blue' },
  { value: 'completed', label: 'Done', color: 'teal' },
  { value: 'failed', label: 'Not possible', color: 'red' },
  { value: 'cancelled', label: 'Cancelled', color: 'gray' },
]

export const statusWord = (status: string) => statuses.find((s) => s.value === status)?.label ?? sayWord(status)

/** The date of "2030-02-03T00:00:00", which has no zone; undefined for none. */
export const dateOf = (text: string | null | undefined) => (text && /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : undefined)

const plain = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' })
const short = plain({ weekday: 'short', month: 'short', day: 'numeric' })
const shortYear = plain({ weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' })
const long = plain({ weekday: 'long', month: 'long', day: 'numeric' })
const longYear = plain({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' })

/** "Fri, Jan 8"; with the year when it is not today's. */
export function dayText(date: string, today: string, full = false): string {
  const at = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(at.getTime())) return date
  const sameYear = date.slice(0, 4) === today.slice(0, 4)
  if (full) return (sameYear ? long : longYear).format(at)
  return (sameYear ? short : shortYear).format(at)
}

/** "Today", "Tomorrow", "3 days ago", "In 5 days". */
export function dayDistance(date: string, today: string): string {
  const days = Math.round((Date.parse(date) - Date.parse(today)) / 86_400_000)
  const text = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' }).format(days, 'day')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function addDays(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The Monday of a date's week. */
export const monday = (date: string) => addDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7))

/** "Example Fuel Stop #97210". */
export function siteLabel(name: string, store: string | null | undefined): string {
  if (!store) return name || 'Site without a name'
  return `${name} ${store.startsWith('#') ? store : `#${store}`}`.trim()
}

export const serviceLabel = (order: Pick<Order, 'service_name' | 'service_description' | 'service_code'>) =>
  order.service_name || order.service_description || (order.service_code ? `Service ${order.service_code}` : 'Service not named')

const fields: Record<string, string> = {
  scheduled_date: 'Visit date',
  due_date: 'Due date',
  created_date: 'Created',
  site_name: 'Site',
  store_number: 'Store',
  customer_name: 'Customer',
  city_state: 'City',
  visit_url: 'Visit link',
  visit_id: 'Visit',
  visit_number: 'Visit number',
  customer_url: 'Site link',
  portal_status: 'WorkFossa status',
  service_items: 'Items',
  service_code: 'Service code',
  service_name: 'Service',
  fuel_grades: 'Fuel grades',
  number_of_nozzles: 'Nozzles per side',
  serial_number: 'Serial number',
  meter_type: 'Meter',
  stand_alone_code: 'Stand-alone code',
  custom_fields: 'Further fields',
  created_by: 'Created by',
}

export const fieldWord = (field: string) => fields[field] ?? sayWord(field)

/** A value of a change: "none", a date as a day, a list with commas. */
export function valueText(value: unknown, today: string): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (Array.isArray(value)) return value.length ? value.map((each) => valueText(each, today)).join(', ') : 'none'
  if (typeof value === 'object')
    return (
      Object.entries(value)
        .map(([key, each]) => `${key}: ${valueText(each, today)}`)
        .join(', ') || 'none'
    )
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^\d{4}-\d\d-\d\d(T00:00:00Z?)?$/.test(text) ? dayText(text.slice(0, 10), today) : text
}
