// What the list shows, as it stands in the address.
import type { operations } from '../../api/schema'

export type Filters = Omit<NonNullable<operations['list-schedules']['parameters']['query']>, 'limit' | 'cursor'>

export const statuses: Record<NonNullable<Filters['status']>, string> = {
  active: 'Active',
  paused: 'Paused',
  failed: 'Stopped after failures',
  held: 'Waiting for sign-in',
  overdue: 'Overdue',
}

/** What the address asks for; a word it does not know is left out. */
export function readFilters(search: URLSearchParams): Filters {
  const filters: Filters = {}
  const type = search.get('type')
  const status = search.get('status')
  const q = search.get('q')?.slice(0, 100)
  if (type) filters.type = type
  if (status && status in statuses) filters.status = status as Filters['status']
  if (q?.trim()) filters.q = q
  return filters
}

export const isFiltered = (filters: Filters) => Object.keys(filters).length > 0
