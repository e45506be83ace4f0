import { Anchor, Button, Group, MultiSelect, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { Time } from '../../components/Time'
import { triggers, word } from '../../outcomes'
import { paths } from '../../paths'
import { duration } from '../../time/zone'
import type { Run } from '../run/queries'
import { counts } from '../run/words'
import { useRunsOf, type RunQuery, type Schedule } from './queries'

type Filter = NonNullable<RunQuery['outcome']>[number]
const outcomes: Filter[] = [
  'running',
  'success',
  'partial',
  'held',
  'credentials_rejected',
  'account_locked',
  'session_expired',
  'layout_changed',
  'portal_throttled',
  'portal_down',
  'cancelled',
  'timed_out',
  'terminated',
  'worker_lost',
  'internal_error',
]
const perPage = 20

/** The runs of a schedule, newest first, with filters and pages in the address. */
export function History({ schedule }: { schedule: Schedule }) {
  const [params, setParams] = useSearchParams()
  const outcome = params.getAll('outcome').filter((o): o is Filter => outcomes.includes(o as Filter))
  const trigger = params.getAll('trigger').filter((t): t is Run['trigger_type'] => t in triggers)
  // The cursors of the pages that lead to this one: the server only knows the way to older runs.
  const trail = params.getAll('page')
  const runs = useRunsOf(schedule.id, {
    limit: perPage,
    ...(outcome.length ? { outcome } : {}),
    ...(trigger.length ? { trigger } : {}),
    ...(trail.length ? { cursor: trail.at(-1) } : {}),
  })
  const filtered = outcome.length + trigger.length > 0

  function set(name: string, values: string[], keepPage = false) {
    setParams(
      (old) => {
        old.delete(name)
        if (!keepPage) old.delete('page')
        for (const value of values) old.append(name, value)
        return old
      },
      { preventScrollReset: true, replace: !keepPage },
    )
  }

  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="history">
      <Stack gap="sm">
        <Title order={2} size="h4" id="history">
          Runs
        </Title>
        <Group gap="xs" align="flex-end">
          <MultiSelect
            label="Outcome"
            placeholder={outcome.length ? undefined : 'All'}
            data={outcomes.map((value) => ({ value, label: word(value).label }))}
            value={outcome}
            onChange={(next) => set('outcome', next)}
            clearable
            clearButtonProps={{ 'aria-label': 'Show all outcomes' }}
            w={{ base: '100%', xs: 280 }}
          />
          <MultiSelect
            label="Started"
            placeholder={trigger.length ? undefined : 'All'}
            data={Object.entries(triggers).map(([value, label]) => ({ value, label }))}
            value={trigger}
            onChange={(next) => set('trigger', next)}
            clearable
            clearButtonProps={{ 'aria-label': 'Show all, however they started' }}
            w={{ base: '100%', xs: 240 }}
          />
        </Group>
        <Loaded query={runs} title="The runs could not be loaded">
          {(list) => (
            <>
              {list.runs.length === 0 ? (
                <Empty title={filtered ? 'No run fits these filters' : 'No runs here yet'}>
                  {filtered ? 'Take one away to see more.' : 'Runs appear here as soon as they begin.'}
                </Empty>
              ) : (
                <Rows runs={list.runs} zone={schedule.timezone} />
              )}
              {(trail.length > 0 || list.next !== null) && (
                <Group justify="space-between" wrap="nowrap" gap="xs">
                  <Button variant="default" disabled={trail.length === 0} onClick={() => set('page', trail.slice(0, -1), true)}>
                    Newer runs
                  </Button>
                  <Text size="sm" c="dimmed">
                    Page {trail.length + 1}
                  </Text>
                  <Button
                    variant="default"
                    disabled={list.next === null}
                    onClick={() => list.next && set('page', [...trail, list.next], true)}
                  >
                    Older runs
                  </Button>
                </Group>
              )}
            </>
          )}
        </Loaded>
      </Stack>
    </Paper>
  )
}

function Rows({ runs, zone }: { runs: Run[]; zone: string }) {
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const navigate = useNavigate()
  if (narrow)
    return (
      <Stack gap={0} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {runs.map((run) => (
          <li key={run.id} style={{ padding: '10px 0', borderTop: '1px solid var(--mantine-color-default-border)' }}>
            <Group justify="space-between" gap="xs">
              <Anchor component={Link} to={paths.run(run.id)} fw={600} size="sm">
                <Time at={run.started_at} zone={zone} bare />
              </Anchor>
              <OutcomeBadge outcome={run.outcome} />
            </Group>
            <Text size="sm">{counts(run)}</Text>
            <Text size="sm" c="dimmed" lineClamp={3} style={{ overflowWrap: 'anywhere' }}>
              {triggers[run.trigger_type]}
              {run.duration_seconds !== null && ` · ${duration(run.duration_seconds)}`}
              {run.error_message && ` · ${run.error_message}`}
            </Text>
          </li>
        ))}
      </Stack>
    )
  return (
    <Table.ScrollContainer minWidth={640} aria-label="Runs, scrolls sideways" tabIndex={0}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Began</Table.Th>
            <Table.Th scope="col">Outcome</Table.Th>
            <Table.Th scope="col">What it did</Table.Th>
            <Table.Th scope="col">Started</Table.Th>
            <Table.Th scope="col" ta="right">
              Duration
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr
              key={run.id}
              style={{ cursor: 'pointer' }}
              onClick={(event) => {
                // The link in the row is for the keyboard; the mouse may hit the row anywhere.
                if (!(event.target as Element).closest('a') && !window.getSelection()?.toString())
                  void navigate(paths.run(run.id))
              }}
            >
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <Anchor component={Link} to={paths.run(run.id)} inherit>
                  <Time at={run.started_at} zone={zone} bare />
                </Anchor>
              </Table.Td>
              <Table.Td>
                <OutcomeBadge outcome={run.outcome} miw="max-content" />
              </Table.Td>
              <Table.Td>
                <Text size="sm">{counts(run)}</Text>
                {run.error_message && (
                  <Text size="xs" c="dimmed" lineClamp={2} title={run.error_message} style={{ overflowWrap: 'anywhere' }}>
                    {run.error_message}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{triggers[run.trigger_type]}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {run.duration_seconds === null ? '' : duration(run.duration_seconds)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
