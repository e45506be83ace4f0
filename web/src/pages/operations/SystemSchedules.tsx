import { Anchor, Badge, Button, Group, Stack, Table, Text, Textarea } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { sentence } from '../../api/errors'
import { Confirm } from '../../components/Confirm'
import { Loaded } from '../../components/Loaded'
import { Time } from '../../components/Time'
import { duration } from '../../time/zone'
import classes from './operations.module.css'
import { useAct, useSystemSchedules, type SystemSchedule } from './queries'
import { Section } from '../../components/Section'
import { every, runStates, systemName } from './words'

/** The system's own schedules: what each does, how its last run went, pause, resume, run now. */
export function SystemSchedules() {
  const query = useSystemSchedules()
  return (
    <Section title="The system's own schedules">
      <Loaded query={query} title="The system's schedules could not be loaded">
        {(schedules) => (
          <Stack gap={0}>
            {schedules.map((schedule, i) => (
              <Entry key={schedule.id} schedule={schedule} first={i === 0} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

const states = { active: ['Active', 'teal'], paused: ['Paused', 'orange'], missing: ['Missing', 'red'] } as const

function Entry({ schedule, first }: { schedule: SystemSchedule; first: boolean }) {
  const act = useAct(schedule.id)
  const [asking, setAsking] = useState(false)
  const name = systemName(schedule.id)
  const [label, colour] = states[schedule.state]
  const missing = schedule.state === 'missing'
  return (
    <Group
      justify="space-between"
      align="flex-start"
      gap="sm"
      py="sm"
      style={first ? { paddingTop: 0 } : { borderTop: '1px solid var(--mantine-color-default-border)' }}
    >
      <Stack gap={4} style={{ flex: '1 1 320px', minWidth: 0 }}>
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          <Badge variant="light" tt="none" color={colour}>
            {label}
          </Badge>
          <Text size="sm" c="dimmed">
            {every(schedule.every_seconds)}
          </Text>
          {schedule.temporal_url && (
            <Anchor href={schedule.temporal_url} target="_blank" rel="noopener noreferrer" size="sm">
              In Temporal
            </Anchor>
          )}
        </Group>
        <Text size="sm">{schedule.description}</Text>
        {missing && <Text size="sm">A worker puts it into Temporal within a minute.</Text>}
        {schedule.note && (
          <Text size="sm" className={classes.anywhere}>
            {schedule.note}
          </Text>
        )}
        <LastRun schedule={schedule} />
      </Stack>
      <Stack gap={6} align="flex-end">
        <Group gap="xs">
          <Button
            size="sm"
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            aria-label={`Run ${name} now`}
            disabled={schedule.running || missing}
            title={schedule.running ? 'It is running' : missing ? 'It is not in Temporal' : undefined}
            loading={act.isPending && act.variables.do === 'run'}
            onClick={() => act.mutate({ do: 'run' })}
          >
            {schedule.running ? 'Running' : 'Run now'}
          </Button>
          {schedule.paused ? (
            <Button
              size="sm"
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              aria-label={`Resume ${name}`}
              loading={act.isPending && act.variables.do === 'resume'}
              onClick={() => act.mutate({ do: 'resume' })}
            >
              Resume
            </Button>
          ) : (
            <Button
              size="sm"
              variant="default"
              leftSection={<IconPlayerPause size={16} aria-hidden />}
              aria-label={`Pause ${name}`}
              disabled={missing}
              onClick={() => {
                act.reset()
                setAsking(true)
              }}
            >
              Pause
            </Button>
          )}
        </Group>
        {act.isError && !asking && (
          <Text size="sm" c="red" role="alert" maw={280} ta="right">
            {sentence(act.error)}
          </Text>
        )}
      </Stack>
      <PauseDialog name={name} opened={asking} onClose={() => setAsking(false)} act={act} />
    </Group>
  )
}

interface PauseDialogProps {
  name: string
  opened: boolean
  onClose: () => void
  act: ReturnType<typeof useAct>
}

function PauseDialog({ name, opened, onClose, act }: PauseDialogProps) {
  const [reason, setReason] = useState('')
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Pause ${name}?`}
      action={`Pause ${name}`}
      pending={act.isPending}
      error={act.error}
      onConfirm={() =>
        act.mutate(
          { do: 'pause', reason: reason.trim() },
          {
            onSuccess: () => {
              setReason('')
              onClose()
            },
          },
        )
      }
    >
      <Text size="sm">It stays paused until somebody resumes it, here or in Temporal. “Run now” works all the same.</Text>
      <Textarea
        label="Why"
        description="Shown here and in Temporal, beside your name."
        placeholder="Database upgrade until noon"
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  )
}

function LastRun({ schedule }: { schedule: SystemSchedule }) {
  const { last_run: last, next_run: next } = schedule
  const state = last && runStates[last.state]
  return (
    <>
      <Text size="sm" c="dimmed">
        {last ? (
          <>
            Last <Time at={last.started_at} seconds />,{' '}
            <Text span inherit c={state?.colour === 'red' ? 'red' : undefined}>
              {(state?.label ?? last.state).toLowerCase()}
            </Text>
            {last.ended_at && ` after ${duration((Date.parse(last.ended_at) - Date.parse(last.started_at)) / 1000)}`}
          </>
        ) : (
          'Has not run yet'
        )}
        {next && (
          <>
            {' · '}next <Time at={next} bare />
          </>
        )}
      </Text>
      {last?.message && (
        <Text size="sm" c="red" className={classes.anywhere}>
          {last.message}
        </Text>
      )}
      {last?.result !== null && last?.result !== undefined && <Result of={last.result} />}
    </>
  )
}

/** What the last run counted: numbers that are not 0, under their names. */
function Result({ of }: { of: unknown }) {
  const counts = flat(of).filter(([, n]) => n !== 0)
  if (counts.length === 0) return null
  return (
    <Table.ScrollContainer minWidth={0} maw="100%">
      <Text size="xs" c="dimmed">
        {counts.map(([name, n]) => `${name} ${n.toLocaleString()}`).join(' · ')}
      </Text>
    </Table.ScrollContainer>
  )
}

function flat(value: unknown, name = ''): [string, number][] {
  if (typeof value === 'number') return [[name.replaceAll('_', ' ').trim(), value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => flat(each, `${name} ${key}`))
}
