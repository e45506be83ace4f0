import type { Schemas } from '../api/client'

type Counts = Pick<Schemas['Run'], 'items_added' | 'items_updated' | 'items_failed'> & { items_removed?: number }

/** What a run did to the data: "2 added, 5 changed, 1 removed, 3 not read"; empty when nothing. */
export function changesText(run: Counts): string {
  return (
    [
      [run.items_added, 'added'],
      [run.items_updated, 'changed'],
      [run.items_removed ?? 0, 'removed'],
      [run.items_failed, 'not read'],
    ] as const
  )
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n.toLocaleString()} ${what}`)
    .join(', ')
}

/** What a job type collects, as its title of the API says it. */
export const titles: Record<Schemas['Run']['schedule_type'], string> = {
  work_orders: 'Work orders',
  dispensers: 'Dispensers',
  filters: 'Filters',
}

/** The order in which people think of them; the API sorts by name. */
export const typeOrder: Schemas['Run']['schedule_type'][] = ['work_orders', 'dispensers', 'filters']

/** Puts what belongs to a job type into that order, an unknown type last. */
export function inTypeOrder<T>(items: readonly T[], type: (item: T) => Schemas['Run']['schedule_type']): T[] {
  const place = (item: T) => {
    const at = typeOrder.indexOf(type(item))
    return at < 0 ? typeOrder.length : at
  }
  return items.toSorted((a, b) => place(a) - place(b))
}

/** A schedule's name as people read it: one that was never named bears the name of its type. */
export const scheduleName = (schedule: Pick<Schemas['Schedule'], 'name' | 'schedule_type'>) =>
  schedule.name === schedule.schedule_type ? titles[schedule.schedule_type] : schedule.name
