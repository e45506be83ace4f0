import { Badge, Group, Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { Loaded } from '../../components/Loaded'
import { Section } from '../../components/Section'
import { count } from '../../outcomes'
import { useSites, type Run } from './queries'

type Site = Schemas['RunSite']

const states: Record<Site['state'], [string, string]> = {
  pending: ['Not read yet', 'blue'],
  stored: ['Stored', 'teal'],
  none: ['No dispensers', 'gray'],
  deleted: ['Gone from the portal', 'yellow'],
  denied: ['Not shown to you', 'yellow'],
  held: ['Held for you', 'orange'],
  failed: ['Not readable', 'red'],
  fresh: ['Read lately', 'gray'],
  known: ['Known already', 'gray'],
  discarded: ['Discarded', 'gray'],
}

// What needs a look comes first.
const order: Site['state'][] = ['failed', 'held', 'denied', 'deleted', 'pending', 'stored', 'none', 'discarded', 'fresh', 'known']

/** The sites of a run for dispensers. */
export function Sites({ run }: { run: Run }) {
  const sites = useSites(run.id, run.completed_at === null, run.schedule_type === 'dispensers')
  if (run.schedule_type !== 'dispensers') return null
  return (
    <Section id="sites" title="Sites">
      <Loaded query={sites} title="The sites could not be loaded">
        {(list) =>
          list.length === 0 ? (
            <Text size="sm" c="dimmed">
              {run.completed_at ? 'This run had no site to read.' : 'The sites are being chosen.'}
            </Text>
          ) : (
            <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
              {[...list]
                // While it is going the order stays, so that nothing jumps.
                .sort((a, b) => (run.completed_at ? order.indexOf(a.state) - order.indexOf(b.state) : 0))
                .map((site) => (
                  <Line key={site.location_id} site={site} />
                ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

function Line({ site }: { site: Site }) {
  const [label, colour] = states[site.state]
  return (
    <li style={{ padding: '8px 0', borderTop: '1px solid var(--mantine-color-default-border)' }}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {site.label || `Location ${site.location_id}`}
        </Text>
        <Badge variant="light" color={colour} tt="none">
          {label}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {said(site)}
      </Text>
      {site.message && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {site.message}
        </Text>
      )}
    </li>
  )
}

function said(site: Site): string {
  const parts = [
    site.read_at && count(site.dispensers, 'dispenser'),
    site.announced !== null && site.announced !== site.dispensers && `the page speaks of ${site.announced}`,
    site.added > 0 && `${site.added} new`,
    site.updated > 0 && `${site.updated} changed`,
    site.removed > 0 && `${site.removed} removed`,
    site.failed > 0 && `${site.failed} not readable`,
    `for ${count(site.work_orders.length, 'work order')}`,
  ]
  return parts.filter(Boolean).join(' · ')
}
