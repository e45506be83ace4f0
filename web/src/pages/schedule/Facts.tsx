import { Badge, Box, Paper, SimpleGrid, Text } from '@mantine/core'
import { IconCheck, IconClock, IconClockExclamation, IconPlayerPause, IconX, IconHandStop, IconHelp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { Time } from '../../components/Time'
import { colours } from '../../outcomes'
import { duration, inClock } from '../../time/zone'
import { DurationBars } from './DurationBars'
import { rate, usual } from './health'
import { useRunsOf, type Schedule } from './queries'

/** Whether a schedule runs, as a word. */
export function StatusBadge({ schedule }: { schedule: Schedule }) {
  const [label, colour, Icon] = schedule.held
    ? (['Waiting for sign-in', colours.wait, IconHandStop] as const)
    : schedule.status === 'failed'
      ? (['Stopped after failures', colours.bad, IconX] as const)
      : schedule.enabled
        ? (['Active', colours.good, IconCheck] as const)
        : (['Paused', colours.off, IconPlayerPause] as const)
  return (
    <Badge variant="light" color={colour} tt="none" fw={600} leftSection={<Icon size={13} aria-hidden />}>
      {label}
    </Badge>
  )
}

const freshness = {
  fresh: ['Fresh', colours.good, IconCheck],
  late: ['Late', colours.part, IconClock],
  stale: ['Old', colours.bad, IconClockExclamation],
  unknown: ['Nothing yet', colours.off, IconHelp],
} as const

/** What one asks first: how old the data is, what runs next, how the last run went, how long runs take. */
export function Facts({ schedule: s }: { schedule: Schedule }) {
  const recent = useRunsOf(s.id, { limit: 30 })
  const runs = recent.data?.runs ?? []
  const last = runs.find((run) => run.outcome !== null)
  const length = usual(runs)
  const { good, of } = rate(runs)
  const [label, colour, Icon] = freshness[s.freshness]
  // What the runs tell comes later than the rest, and finds its room kept.
  const ran = s.last_run !== null
  const blank = '\u00a0'
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm">
      <Fact
        label="Data"
        mark={
          <Badge variant="light" color={colour} tt="none" leftSection={<Icon size={13} aria-hidden />}>
            {label}
          </Badge>
        }
        note={inClock(s.freshness_reason)}
      >
        {s.data_at ? <Time at={s.data_at} zone={s.timezone} /> : 'Nothing collected so far'}
      </Fact>
      <Fact label="Next run" note={s.next_run && s.held ? 'Passed over unless you sign in before' : undefined}>
        {s.next_run ? <Time at={s.next_run} zone={s.timezone} relative /> : s.enabled ? 'None planned' : 'None while paused'}
      </Fact>
      <Fact
        label="Last run"
        mark={last && <OutcomeBadge outcome={last.outcome} message={last.error_message} miw="max-content" />}
        note={
          of === 0
            ? ran && blank
            : good === of
              ? of === 1
                ? 'It stored data'
                : `All of the last ${of} stored data`
              : `${good} of the last ${of} stored data`
        }
      >
        {s.last_run ? <Time at={s.last_run} zone={s.timezone} relative /> : 'Has not run so far'}
      </Fact>
      <Fact label="Usual duration">
        {length !== undefined ? duration(length) : recent.isPending ? blank : 'Not known yet'}
        <Box mih={ran ? 36 : undefined} style={{ display: 'flow-root' }}>
          {length === undefined && runs.length > 0 && (
            <Text size="xs" c="dimmed">
              Known after three good runs
            </Text>
          )}
          <DurationBars runs={runs} zone={s.timezone} />
        </Box>
      </Fact>
    </SimpleGrid>
  )
}

interface FactProps {
  label: string
  mark?: ReactNode
  note?: string | false | null
  children: ReactNode
}

function Fact({ label, mark, note, children }: FactProps) {
  return (
    <Paper withBorder p="sm">
      <div style={{ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: '2px 8px', minHeight: 22 }}>
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {label}
        </Text>
        {mark}
      </div>
      <Text component="div" fw={600}>
        {children}
      </Text>
      {note && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {note}
        </Text>
      )}
    </Paper>
  )
}
