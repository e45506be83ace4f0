import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { changesText, scheduleName } from '../../components/counts'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { useViewerZone } from '../../time/viewer'
import { localDate } from '../../time/zone'
import { runsOf } from '../runs/filters'

type Job = Schemas['HomeJob']

const dataOf = {
  work_orders: paths.data('work-orders'),
  dispensers: paths.data('dispensers'),
  filters: paths.data('filters'),
} satisfies Record<Job['schedule_type'], string>

/** What has happened since the visit before this one. */
export function Since({ jobs }: { jobs: Job[] }) {
  const zone = useViewerZone()
  const at = jobs.find((job) => job.since)?.since?.at
  if (!at) return null
  const from = localDate(new Date(at), zone)
  return (
    <Card component="section" withBorder padding="md" aria-labelledby="since">
      <Title order={2} size="h4" id="since">
        Since your last visit
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        <Time at={at} relative />
      </Text>
      <Stack gap="sm">
        {jobs.map((job) => {
          const since = job.since
          if (!since) return null
          const changes = changesText({
            items_added: since.added,
            items_updated: since.updated,
            items_removed: since.removed,
            items_failed: 0,
          })
          return (
            <div key={job.schedule_type}>
              <Text>
                <Anchor component={Link} to={dataOf[job.schedule_type]} inherit>
                  {job.title}
                </Anchor>
                : {changes || 'nothing new'}
              </Text>
              <Text size="sm" c="dimmed">
                {since.runs === 0 ? (
                  'No runs'
                ) : (
                  <Anchor component={Link} inherit underline="always" to={runsOf({ types: [job.schedule_type], from })}>
                    {count(since.runs, 'run')}
                  </Anchor>
                )}
                {since.failed > 0 && `, ${since.failed.toLocaleString()} failed`}
              </Text>
            </div>
          )
        })}
      </Stack>
    </Card>
  )
}

/** What runs next, and what will not. */
export function NextRuns({ jobs }: { jobs: Job[] }) {
  const schedules = jobs
    .flatMap((job) => job.schedules)
    .sort((a, b) => (a.next_run ?? '9').localeCompare(b.next_run ?? '9') || a.id - b.id)
  if (schedules.length === 0) return null
  const shown = schedules.slice(0, 6)
  return (
    <Card component="section" withBorder padding="md" aria-labelledby="next">
      <Title order={2} size="h4" id="next" mb="sm">
        Next runs
      </Title>
      <Stack gap="sm">
        {shown.map((schedule) => (
          <Group key={schedule.id} justify="space-between" gap="xs" align="baseline">
            <Anchor component={Link} to={paths.schedule(schedule.id)} style={{ overflowWrap: 'anywhere' }} maw="100%">
              {scheduleName(schedule)}
            </Anchor>
            <Text size="sm">
              {schedule.next_run && !schedule.held ? (
                <Time at={schedule.next_run} zone={schedule.timezone} relative />
              ) : schedule.held ? (
                'Waits for your WorkFossa login'
              ) : schedule.enabled ? (
                'Nothing is planned'
              ) : (
                'Paused'
              )}
            </Text>
          </Group>
        ))}
        {schedules.length > shown.length && (
          <Anchor component={Link} to={paths.schedules()} size="sm">
            All {schedules.length} schedules
          </Anchor>
        )}
      </Stack>
    </Card>
  )
}
