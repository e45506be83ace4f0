import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Section } from '../../components/Section'
import { paths } from '../../paths'
import { useChanges, type Run } from './queries'
import { fieldName, value } from './words'

type Change = Schemas['Change']

const kinds: Record<Change['kind'], [string, string]> = {
  added: ['New', 'teal'],
  changed: ['Changed', 'blue'],
  removed: ['No longer listed', 'gray'],
  returned: ['Listed again', 'violet'],
}

/** So many changes are shown at first: what stands below them is to be found. */
const atFirst = 10

/** What the run did to the stored data. */
export function Changes({ run }: { run: Run }) {
  const made = run.items_added + run.items_updated + run.items_removed
  const [whole, setWhole] = useState(false)
  const ended = run.completed_at !== null
  const changes = useChanges(run.id, ended && (made > 0 || run.decision === 'accepted'))
  if (!ended || (!run.success && made === 0 && run.decision !== 'accepted')) return null
  const all = changes.data?.pages.flatMap((page) => page.changes) ?? []
  const empty = made === 0 || (changes.data && all.length === 0)
  return (
    <Section id="changes" title="Changes">
      {empty ? (
        <Text size="sm" c="dimmed">
          {made === 0 ? 'Nothing has changed since the run before.' : 'The single changes of this run are not kept any more.'}
        </Text>
      ) : (
        <ChangeList changes={whole ? all : all.slice(0, atFirst)} />
      )}
      {changes.isError && (
        <ErrorNote error={changes.error} title="The changes could not be loaded" retry={() => void changes.refetch()} />
      )}
      {!whole && all.length > atFirst && (
        <Button variant="default" onClick={() => setWhole(true)}>
          {changes.hasNextPage ? 'Show more changes' : `Show all ${all.length} changes`}
        </Button>
      )}
      {whole && changes.hasNextPage && (
        <Button variant="default" loading={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
          Show more changes
        </Button>
      )}
    </Section>
  )
}

export function ChangeList({ changes }: { changes: Change[] }) {
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {changes.map((change, i) => (
        <Line key={`${change.item}${change.key}${i}`} change={change} />
      ))}
    </ul>
  )
}

function Line({ change }: { change: Change }) {
  const [label, colour] = kinds[change.kind]
  return (
    <li style={{ padding: '8px 0', borderTop: '1px solid var(--mantine-color-default-border)' }}>
      <Stack gap={4}>
        <Group gap="xs">
          <Badge variant="light" color={colour} tt="none">
            {label}
          </Badge>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {change.label}
          </Text>
          <Key change={change} />
        </Group>
        {change.fields.map((field) => (
          <Text key={field.field} size="sm" style={{ overflowWrap: 'anywhere' }}>
            <Text span inherit c="dimmed">
              {fieldName(field.field)}:
            </Text>{' '}
            <Text span inherit td={field.old === null ? undefined : 'line-through'} c="dimmed">
              {value(field.old)}
            </Text>
            <span aria-label="is now"> → </span>
            <strong>{value(field.new)}</strong>
          </Text>
        ))}
      </Stack>
    </li>
  )
}

/** The portal's number; a work order's leads to it. */
function Key({ change }: { change: Change }) {
  return change.item === 'work_order' && change.kind !== 'removed' ? (
    <Anchor component={Link} to={paths.workOrder(change.key)} size="sm">
      Work order {change.key}
    </Anchor>
  ) : (
    <Text size="sm" c="dimmed">
      {change.item === 'work_order'
        ? `Work order ${change.key}`
        : change.item === 'dispenser'
          ? `Location ${change.key.split('/')[0]}`
          : change.key}
    </Text>
  )
}
