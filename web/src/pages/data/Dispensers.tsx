import { Button, Chip, Group, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { CsvButton } from '../../components/CsvButton'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { UrlSearch } from '../../components/UrlSearch'
import { useWindowRows } from '../../components/useWindowRows'
import type { Column } from '../../csv'
import { count } from '../../outcomes'
import { DataPage } from './DataPage'
import { Freshness } from './Freshness'
import { useConfig, useJob, useOrders, useSiteReadings } from './queries'
import { locationOf } from './portal'
import { SiteCard } from './SiteCard'
import { groups, siteMatches, sitesOf, type Dispenser, type Site, type SiteGroup } from './sites'
import { useToday } from './useToday'
import { useUrl, useWide } from './useView'

interface Row {
  site: Site
  dispenser?: Dispenser
}

const columns: Column<Row>[] = [
  { name: 'Store', of: ({ site }) => site.store },
  { name: 'Site', of: ({ site }) => site.name },
  { name: 'Street', of: ({ site }) => site.street },
  { name: 'City', of: ({ site }) => site.city },
  { name: 'State of the site', of: ({ site }) => groups[site.group].label },
  { name: 'Last read', of: ({ site }) => site.readAt },
  { name: 'Orders', of: ({ site }) => site.orders.map((order) => order.external_id).join(' ') },
  { name: 'Dispenser', of: ({ dispenser }) => dispenser?.dispenser_number },
  { name: 'Make', of: ({ dispenser }) => dispenser?.make },
  { name: 'Model', of: ({ dispenser }) => dispenser?.model },
  { name: 'Serial number', of: ({ dispenser }) => dispenser?.serial_number },
  { name: 'Grades', of: ({ dispenser }) => dispenser?.fuel_grades_list.join(', ') },
  { name: 'Meter', of: ({ dispenser }) => dispenser?.meter_type },
  { name: 'Nozzles per side', of: ({ dispenser }) => dispenser?.number_of_nozzles },
  { name: 'Stand-alone code', of: ({ dispenser }) => dispenser?.stand_alone_code },
]

const rowsOf = (sites: Site[]): Row[] =>
  sites.flatMap((site) => (site.dispensers.length ? site.dispensers.map((dispenser) => ({ site, dispenser })) : [{ site }]))

export function Dispensers() {
  const query = useOrders()
  const wanted = useMemo(() => new Set(query.data?.flatMap((order) => locationOf(order.customer_url) ?? [])), [query.data])
  const readings = useSiteReadings(wanted)
  const { zone } = useJob('dispensers')
  const today = useToday()
  const { params, set, clear } = useUrl()
  const search = params.get('q') ?? ''
  const state = params.get('state') ?? ''
  const sites = useMemo(() => sitesOf(query.data ?? [], readings.data), [query.data, readings.data])
  const found = useMemo(() => (search ? sites.filter((site) => siteMatches(site, search)) : sites), [sites, search])
  const shown = useMemo(() => found.filter((site) => inState(site, state)), [found, state])
  const rows = useMemo(() => rowsOf(shown), [shown])
  return (
    <DataPage
      part="dispensers"
      title="Dispensers"
      actions={<CsvButton name="dispensers" date={today} columns={columns} rows={rows} things="rows" />}
    >
      <Freshness type="dispensers" action="Read missing sites now" />
      <Loaded query={query} title="Your sites could not be loaded">
        {() =>
          sites.length === 0 ? (
            <Empty title="No sites yet">
              Sites come from your work orders. Read those first; then a run for dispensers visits each site.
            </Empty>
          ) : (
            <>
              <SiteFilters found={found} search={search} state={state} set={set} />
              {shown.length === 0 ? (
                <Empty
                  title="No site fits"
                  action={
                    <Button variant="default" onClick={clear}>
                      Show all {sites.length.toLocaleString()} sites
                    </Button>
                  }
                />
              ) : (
                <SiteList key={`${search} ${state}`} sites={shown} openAll={search !== '' && shown.length <= 3} zone={zone} />
              )}
            </>
          )
        }
      </Loaded>
    </DataPage>
  )
}

/** Whether a site is in a group, or among those "missing": without dispensers, for whatever reason. */
const inState = (site: Site, state: string) =>
  state === '' || (state === 'missing' ? site.dispensers.length === 0 : site.group === state)

interface SiteFiltersProps {
  found: Site[]
  search: string
  state: string
  set: (name: string, value: string) => void
}

function SiteFilters({ found, search, state, set }: SiteFiltersProps) {
  const wide = useWide()
  const inGroup = (group: SiteGroup | 'missing') => found.filter((site) => inState(site, group)).length
  return (
    <Stack gap="sm">
      <UrlSearch
        label="Search sites and dispensers"
        placeholder="Site, city, make, serial number"
        value={search}
        onSearch={(text) => set('q', text)}
        maw={wide ? 420 : undefined}
        size={wide ? 'sm' : 'md'}
      />
      <Chip.Group value={state} onChange={(value) => set('state', value as string)}>
        <Group gap={6} role="group" aria-label="Sites by state">
          <Chip value="" size="sm" variant="outline">
            All {found.length.toLocaleString()}
          </Chip>
          <Chip value="missing" size="sm" variant="outline" title="No dispensers are known, for whatever reason">
            Without dispensers {inGroup('missing').toLocaleString()}
          </Chip>
          {(Object.keys(groups) as SiteGroup[])
            .filter((group) => inGroup(group) > 0 || state === group)
            .map((group) => (
              <Chip key={group} value={group} size="sm" variant="outline" title={groups[group].hint}>
                {groups[group].label} {inGroup(group).toLocaleString()}
              </Chip>
            ))}
        </Group>
      </Chip.Group>
    </Stack>
  )
}

function SiteList({ sites, openAll, zone }: { sites: Site[]; openAll: boolean; zone?: string }) {
  const base = useConfig().data?.portal_url
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(openAll ? sites.map((site) => site.key) : []))
  const { list, items, measure, before, after } = useWindowRows(sites.length, 76, (i) => sites[i]?.key ?? String(i))
  const total = sites.reduce((sum, site) => sum + site.dispensers.length, 0)
  const toggle = (key: string) =>
    setOpen((now) => {
      const next = new Set(now)
      if (!next.delete(key)) next.add(key)
      return next
    })
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {count(sites.length, 'site')}, {count(total, 'dispenser')}
        </Text>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setOpen(open.size ? new Set() : new Set(sites.map((site) => site.key)))}
        >
          {open.size ? 'Close all' : 'Open all'}
        </Button>
      </Group>
      <div ref={list} role="list" aria-label="Sites">
        <div style={{ height: before }} />
        {items.map(({ index }) => {
          const site = sites[index]
          return (
            site && (
              <div key={site.key} data-index={index} ref={measure} role="listitem" style={{ paddingBottom: 8 }}>
                <SiteCard site={site} open={open.has(site.key)} onToggle={() => toggle(site.key)} zone={zone} base={base} />
              </div>
            )
          )
        })}
        <div style={{ height: after }} />
      </div>
    </Stack>
  )
}
