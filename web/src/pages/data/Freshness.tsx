import { ActionIcon, Anchor, Badge, Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import {
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconLoader2,
  IconRefresh,
} from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { Time } from '../../components/Time'
import { paths } from '../../paths'
import { Refused } from './Refused'
import { useCollect, useJob, type JobType } from './queries'

const marks: Record<Schemas['HomeJob']['freshness'], { label: string; color: string; icon: typeof IconCheck }> = {
  fresh: { label: 'Up to date', color: 'teal', icon: IconCheck },
  late: { label: 'Late', color: 'yellow', icon: IconAlertTriangle },
  stale: { label: 'Out of date', color: 'red', icon: IconClockExclamation },
  unknown: { label: 'Not read yet', color: 'gray', icon: IconCircleDashed },
}

const unkept = { label: 'Not kept up to date', color: 'gray', icon: IconCircleDashed }

interface FreshnessProps {
  type: JobType
  /** What the button does: "Read work orders now". */
  action: string
}

/** One line over a list: how old it is, when it is read next, what waits for a person, and a button to read now. */
export function Freshness({ type, action }: FreshnessProps) {
  const { home, job, running, zone } = useJob(type)
  const collect = useCollect(type, job?.schedules[0]?.id)
  if (!job) return home.isError ? null : <Skeleton h={52} />
  const noSchedule = job.schedules.length === 0
  const mark = noSchedule ? unkept : marks[job.freshness]
  const needs = home.data?.needs.filter((need) => need.schedule_type === null || need.schedule_type === type) ?? []
  const start = () => collect.mutate(undefined, { onSuccess: (message) => notifications.show({ message }) })
  const button = {
    variant: 'light',
    onClick: start,
    loading: collect.isPending,
    disabled: running,
    title: running ? 'A run is going already' : action,
  }
  return (
    <Paper withBorder px="md" py="xs">
      <Stack gap="xs">
        <Group justify="space-between" gap="sm" wrap="nowrap">
          <Group gap="sm" style={{ minWidth: 0, rowGap: 4 }}>
            <Badge variant="light" tt="none" fw={600} color={mark.color} leftSection={<mark.icon size={13} aria-hidden />}>
              {type === 'filters' && !noSchedule && job.freshness === 'unknown' ? 'Not counted yet' : mark.label}
            </Badge>
            <Text size="sm" role="status">
              {running && job.latest_run ? (
                <>
                  <IconLoader2 size={14} className="turning" aria-hidden style={{ verticalAlign: '-2px' }} /> A run is going,
                  started <Time at={job.latest_run.started_at} zone={zone} bare />.{' '}
                  <Anchor component={Link} to={paths.run(job.latest_run.id)} inherit underline="always">
                    Watch it
                  </Anchor>
                </>
              ) : (
                <Moments job={job} zone={zone} />
              )}
            </Text>
          </Group>
          {(type !== 'filters' || !noSchedule) && (
            <>
              <Button visibleFrom="xs" leftSection={<IconRefresh size={16} aria-hidden />} {...button}>
                {action}
              </Button>
              <ActionIcon hiddenFrom="xs" size={42} aria-label={action} {...button}>
                <IconRefresh size={20} aria-hidden />
              </ActionIcon>
            </>
          )}
        </Group>
        {needs.map((need) => (
          <Text key={need.kind + need.message} size="sm" c="orange">
            <IconAlertTriangle size={15} aria-hidden style={{ verticalAlign: '-2px' }} /> {need.message}{' '}
            <Anchor component={Link} inherit to={needTo(need)}>
              {need.kind === 'credentials'
                ? 'Sign in to WorkFossa again'
                : need.kind === 'held_result'
                  ? 'Look at the run'
                  : 'Look why'}
            </Anchor>
          </Text>
        ))}
        {collect.isError && <Refused error={collect.error} title="Not started" />}
      </Stack>
    </Paper>
  )
}

function needTo(need: Schemas['Need']): string {
  if (need.kind === 'credentials') return paths.settings()
  if (need.run_id !== null) return paths.run(need.run_id)
  return need.schedule_id === null ? paths.schedules() : paths.schedule(need.schedule_id)
}

function Moments({ job, zone }: { job: Schemas['HomeJob']; zone?: string }) {
  if (job.schedules.length === 0)
    return (
      <>
        {job.data_at && (
          <>
            As of <Time at={job.data_at} />.{' '}
          </>
        )}
        No schedule keeps this up to date.{' '}
        <Anchor component={Link} to={paths.newSchedule()} inherit underline="always">
          Make one
        </Anchor>
      </>
    )
  return (
    <>
      {job.data_at ? (
        <>
          As of <Time at={job.data_at} zone={zone} />,{' '}
        </>
      ) : (
        <>{job.schedule_type === 'filters' ? 'Nothing was counted yet, ' : 'Nothing was read yet, '}</>
      )}
      {job.next_run ? (
        <>
          next <Time at={job.next_run} zone={zone} bare />.
        </>
      ) : (
        <>nothing is planned.</>
      )}
    </>
  )
}
