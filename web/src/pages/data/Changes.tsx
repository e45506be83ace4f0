import { Anchor, Badge, List, Text, Timeline } from '@mantine/core'
import { IconArrowBackUp, IconMinus, IconPencil, IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { Time } from '../../components/Time'
import { paths } from '../../paths'
import classes from './data.module.css'
import { fieldWord, valueText } from './words'

type Change = Schemas['WorkOrderChanges']['changes'][number]

const kinds = {
  added: { word: 'Added', icon: IconPlus, color: 'teal' },
  changed: { word: 'Changed', icon: IconPencil, color: 'blue' },
  removed: { word: 'No longer listed', icon: IconMinus, color: 'gray' },
  returned: { word: 'Listed again', icon: IconArrowBackUp, color: 'teal' },
}

const things: Record<string, string> = { work_order: 'Work order', dispenser: 'Dispenser', site: 'Site' }

/** Changes of one run to things of one kind belong together: eight new dispensers are one event. */
function events(changes: Change[]): Change[][] {
  const out: Change[][] = []
  for (const change of changes) {
    const last = out[out.length - 1]?.[0]
    if (
      last &&
      last.run_id === change.run_id &&
      last.item === change.item &&
      last.kind === change.kind &&
      change.kind !== 'changed'
    )
      out[out.length - 1]?.push(change)
    else out.push([change])
  }
  return out
}

/** What runs changed, newest first. */
export function Changes({ changes, zone, today }: { changes: Change[]; zone?: string; today: string }) {
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No run has recorded a change.
      </Text>
    )
  return (
    <Timeline active={changes.length} bulletSize={24} lineWidth={2}>
      {events(changes).map((event) => {
        const [change] = event
        if (!change) return null
        const kind = kinds[change.kind]
        const thing = things[change.item] ?? 'Entry'
        return (
          <Timeline.Item
            key={`${change.run_id} ${change.kind} ${change.key}`}
            bullet={<kind.icon size={13} aria-hidden />}
            color={kind.color}
            title={
              <Text component="div" size="sm" fw={600} className={classes.anywhere}>
                {event.length > 1
                  ? `${event.length} ${thing.toLowerCase()}s`
                  : change.item === 'work_order'
                    ? thing
                    : change.label}{' '}
                <Badge variant="light" color={kind.color} tt="none" size="sm">
                  {kind.word}
                </Badge>
              </Text>
            }
          >
            {event.length > 1 && (
              <Text size="sm" className={classes.anywhere}>
                {event.map((each) => each.label).join('; ')}
              </Text>
            )}
            {change.fields.length > 0 && (
              <List size="sm" spacing={2} className={classes.anywhere}>
                {change.fields.map((field) => (
                  <List.Item key={field.field}>
                    {fieldWord(field.field)}:{' '}
                    <Text span inherit c="dimmed" td="line-through">
                      {valueText(field.old, today)}
                    </Text>{' '}
                    → {valueText(field.new, today)}
                  </List.Item>
                ))}
              </List>
            )}
            <Text size="xs" c="dimmed" mt={2}>
              <Time at={change.at} zone={zone} /> ·{' '}
              <Anchor component={Link} to={paths.run(change.run_id)} inherit underline="always">
                See the run
              </Anchor>
            </Text>
          </Timeline.Item>
        )
      })}
    </Timeline>
  )
}
