import { Anchor, Card, Group, Stack, Table, Text } from '@mantine/core'
import { Link } from 'react-router'
import type { Schemas } from '../api/client'
import { endOf, triggers } from '../outcomes'
import { paths } from '../paths'
import { useNow } from '../time/now'
import { useViewerZone } from '../time/viewer'
import { duration } from '../time/zone'
import { changesText, scheduleName, titles } from './counts'
import { OutcomeBadge } from './OutcomeBadge'
import classes from './RunTable.module.css'
import { Time } from './Time'

type Run = Schemas['Run']

interface RunTableProps {
  runs: Run[]
  /** What the table lists, for who hears it. */
  label: string
  /** The schedules of the runs, for their names and zones; a deleted one is called by its type. */
  schedules?: Schemas['Schedule'][]
  /** Leave out what ran, where the page says it. */
  hideWhat?: boolean
}

/** Runs, newest first: a table where there is room, cards on a phone. */
export function RunTable({ runs, label, schedules = [], hideWhat }: RunTableProps) {
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]))
  const rows = runs.map((run) => {
    const schedule = run.schedule_id === null ? undefined : byId.get(run.schedule_id)
    return { run, zone: schedule?.timezone, what: schedule ? scheduleName(schedule) : titles[run.schedule_type] }
  })
  return (
    <>
      <Table.ScrollContainer minWidth={880} visibleFrom="sm" aria-label={label} tabIndex={0} role="region">
        <Table highlightOnHover aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">How it ended</Table.Th>
              {!hideWhat && <Table.Th scope="col">What</Table.Th>}
              <Table.Th scope="col">Due</Table.Th>
              <Table.Th scope="col">Started</Table.Th>
              <Table.Th scope="col" ta="right">
                Took
              </Table.Th>
              <Table.Th scope="col">Changes</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ run, zone, what }) => (
              <Table.Tr key={keyOf(run)} className={classes.row}>
                <Table.Td className={classes.outcome}>
                  <Outcome run={run} />
                </Table.Td>
                {!hideWhat && (
                  <Table.Td className={classes.what}>
                    <What run={run} what={what} />
                  </Table.Td>
                )}
                <Table.Td>
                  <Due run={run} zone={zone} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{triggers[run.trigger_type]}</Text>
                </Table.Td>
                <Table.Td ta="right" className={classes.number}>
                  <Took run={run} />
                </Table.Td>
                <Table.Td className={classes.changes}>
                  <Changes run={run} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Stack component="ul" gap="xs" p={0} m={0} hiddenFrom="sm" aria-label={label} className={classes.cards}>
        {rows.map(({ run, zone, what }) => (
          <Card key={keyOf(run)} component="li" withBorder padding="sm" className={classes.row}>
            <Stack gap={4}>
              <Group justify="space-between" gap="xs">
                <Outcome run={run} />
                <Text size="sm" c="dimmed">
                  {triggers[run.trigger_type]} · <Took run={run} />
                </Text>
              </Group>
              {!hideWhat && <What run={run} what={what} />}
              <Text size="sm">
                <Due run={run} zone={zone} />
              </Text>
              <Changes run={run} />
            </Stack>
          </Card>
        ))}
      </Stack>
    </>
  )
}

/** A run that no worker has begun has no id of its own yet. */
const keyOf = (run: Run) => run.id || (run.workflow_id ?? run.started_at)

/** The link of the row: the way it ended leads to the run. */
function Outcome({ run }: { run: Run }) {
  const badge = <OutcomeBadge outcome={endOf(run)} style={{ cursor: 'inherit', maxWidth: 'none' }} />
  if (run.id === 0) return badge
  return (
    <Link to={paths.run(run.id)} className={classes.link}>
      {badge}
    </Link>
  )
}

function What({ run, what }: { run: Run; what: string }) {
  const type = titles[run.schedule_type]
  return (
    <Text size="sm" fw={500} lineClamp={2} title={what} className={classes.name}>
      {run.schedule_id === null ? (
        what
      ) : (
        <Anchor component={Link} to={paths.schedule(run.schedule_id)} inherit className={classes.above}>
          {what}
        </Anchor>
      )}
      {what !== type && (
        <Text span inherit fw={400} c="dimmed">
          {' '}
          {type}
        </Text>
      )}
    </Text>
  )
}

function Due({ run, zone }: { run: Run; zone?: string }) {
  const viewer = useViewerZone()
  return <Time at={run.nominal_at} zone={zone ?? viewer} size="sm" />
}

function Took({ run }: { run: Run }) {
  const now = useNow()
  if (run.duration_seconds !== null) return duration(run.duration_seconds)
  return `${duration(Math.max(0, (now.getTime() - Date.parse(run.started_at)) / 1000))} so far`
}

function Changes({ run }: { run: Run }) {
  const changes = changesText(run)
  const fine = run.outcome === null || run.outcome === 'success' || run.outcome === 'cancelled'
  const decided = run.decision === 'accepted' ? 'Accepted. ' : run.decision === 'discarded' ? 'Discarded. ' : ''
  if (fine || !run.error_message)
    return changes ? (
      <Text size="sm">{changes}</Text>
    ) : (
      <Text size="sm" c="dimmed">
        {run.outcome === 'success' ? 'Nothing new' : ''}
      </Text>
    )
  return (
    <Text size="sm" lineClamp={2} title={run.error_message} className={classes.name}>
      {decided}
      {changes && `${changes}. `}
      {run.error_message}
    </Text>
  )
}
