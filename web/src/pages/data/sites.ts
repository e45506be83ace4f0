// Sites with their dispensers, from work orders (several may be at one site) and from what runs made of each site.
import type { Schemas } from '../../api/client'
import type { Tone } from '../../outcomes'
import { locationOf } from './portal'
import { siteLabel, type Order } from './words'

export type SiteRun = Schemas['RunSite']
export type Dispenser = Schemas['Dispenser']

export interface Reading {
  /** What the site came to when it was read last; not "skipped". */
  state: SiteRun['state']
  message: string | null
  readAt: string | null
}

export type Readings = Map<string, Reading>

const skipped = new Set<SiteRun['state']>(['fresh', 'known', 'pending'])

/** Joins what several runs said, newest first: a run that skipped a site leaves the word to the one before. */
export function mergeReadings(runs: SiteRun[][]): Readings {
  const of: Readings = new Map<string, Reading>()
  for (const run of runs) {
    for (const site of run) {
      const known = of.get(site.location_id)
      if (known && !skipped.has(known.state)) continue
      if (known && skipped.has(site.state)) continue
      of.set(site.location_id, { state: site.state, message: site.message, readAt: site.read_at })
    }
  }
  return of
}

/** Whether no older run may know more: each wanted site was really read. A run for one site says nothing about the others. */
export const isComplete = (readings: Readings, wanted: Iterable<string>) =>
  [...wanted].every((location) => {
    const reading = readings.get(location)
    return reading !== undefined && !skipped.has(reading.state)
  })

/** The groups by which sites are filtered. */
export type SiteGroup = 'read' | 'unread' | 'none' | 'denied' | 'deleted' | 'trouble'

export const groups: Record<SiteGroup, { label: string; tone: Tone; hint: string }> = {
  read: { label: 'Dispensers known', tone: 'good', hint: 'Their dispensers are stored.' },
  unread: { label: 'Not read yet', tone: 'plan', hint: 'No run has read them yet, or no schedule asks for their services.' },
  none: { label: 'No dispensers', tone: 'off', hint: 'WorkFossa shows no dispensers there.' },
  denied: { label: 'Denied', tone: 'bad', hint: 'WorkFossa does not show them to your account.' },
  deleted: { label: 'Deleted', tone: 'bad', hint: 'WorkFossa says that they do not exist any more.' },
  trouble: {
    label: 'Could not be read',
    tone: 'part',
    hint: 'The last reading failed or looked wrong; what was stored before stays.',
  },
}

export interface Site {
  key: string
  label: string
  name: string
  store: string | null
  city: string | null
  street: string | null
  address: string | null
  customerUrl: string | null
  orders: Order[]
  dispensers: Dispenser[]
  group: SiteGroup
  message: string | null
  readAt: string | null
}

function groupOf(dispensers: number, reading: Reading | undefined): SiteGroup {
  switch (reading?.state) {
    case 'denied':
    case 'deleted':
      return reading.state
    case 'held':
    case 'failed':
    case 'discarded':
      return 'trouble'
    case 'none':
      return dispensers ? 'read' : 'none'
    case 'known':
      return 'denied'
  }
  return dispensers ? 'read' : 'unread'
}

/** The sites of orders by name, each once. */
export function sitesOf(orders: Order[], readings: Readings | undefined): Site[] {
  const sites = new Map<string, Site>()
  for (const order of orders) {
    const location = locationOf(order.customer_url)
    const key = location ?? order.id
    const known = sites.get(key)
    if (known) {
      known.orders.push(order)
      continue
    }
    const reading = location ? readings?.get(location) : undefined
    sites.set(key, {
      key,
      label: siteLabel(order.site_name, order.store_number),
      name: order.site_name,
      store: order.store_number,
      city: order.city_state,
      street: order.street,
      address: order.address,
      customerUrl: order.customer_url,
      orders: [order],
      dispensers: order.dispensers,
      group: groupOf(order.dispensers.length, reading),
      message: reading?.message ?? null,
      readAt: reading?.readAt ?? null,
    })
  }
  return [...sites.values()].sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
}

const text = (parts: (string | null | undefined)[]) => parts.filter(Boolean).join(' ').toLowerCase()

/** Whether every word of a search is somewhere in a site or in one of its dispensers. */
export function siteMatches(site: Site, search: string): boolean {
  const hay = text([
    site.label,
    site.city,
    site.street,
    ...site.orders.map((order) => `${order.external_id ?? ''} ${order.customer_name ?? ''}`),
    ...site.dispensers.map((d) => text([d.make, d.model, d.serial_number, d.meter_type, ...d.fuel_grades_list])),
  ])
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word))
}
