import { Anchor, Card, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCheck, IconClock, IconClockExclamation, IconDots, IconPlayerPause, type TablerIcon } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { ProblemError } from '../../api/errors'
import { changesText, scheduleName } from '../../components/counts'
import { ErrorNote } from '../../components/ErrorNote'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { endOf } from '../../outcomes'
import { paths } from '../../paths'
import { useNow } from '../../time/now'
import { useViewerZone } from '../../time/viewer'
import { distance, sameClock, when, zoneName } from '../../time/zone'
import { DayStrip } from './DayStrip'
import classes from './home.module.css'
import { LiveRun } from './LiveRun'
import { refreshRuns, useRunNow } from './queries'
import { RunNow } from './RunNow'
import { zoneOf, Sentence, standing, type Standing } from './Sentence'

type Job = Schemas['HomeJob']

const signs: Record<Standing, { icon: TablerIcon; color: string }> = {
  fresh: { icon: IconCheck, color: 'teal' },
  late: { icon: IconClock, color: 'yellow' },
  stale: { icon: IconClockExclamation, color: 'red' },
  paused: { icon: IconPlayerPause, color: 'gray' },
  waiting: { icon: IconDots, color: 'gray' },
}

/** One job type: how fresh its data is, what is going on, how the last days went. */
export function JobCard({ job }: { job: Job }) {
  const heading = useId()
  const now = useNow()
  const run = useRunNow()
  const [asked, setAsked] = useState<number>()
  const latest = job.latest_run
  const going = latest && latest.completed_at === null ? latest.schedule_id : null
  const watched = asked ?? going
  const { icon: Icon, color } = signs[standing(job)]
  const inTheWay = run.error instanceof ProblemError ? run.error.runId : undefined
  return (
    <Card component="section" withBorder padding="md" aria-labelledby={heading} className={classes.card}>
      <Stack gap="md">
        <div className={classes.head}>
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <ThemeIcon size={38} radius="xl" variant="light" color={color} aria-hidden>
              <Icon size={22} />
            </ThemeIcon>
            <Stack gap={4} miw={0}>
              <Title order={2} id={heading} className={classes.sentence}>
                <Sentence job={job} running={watched !== null} now={now} />
              </Title>
              <Aside job={job} now={now} />
            </Stack>
          </Group>
          <RunNow
            job={job}
            running={watched !== null}
            pending={run.isPending}
            onRun={(id) => run.mutate(id, { onSuccess: () => setAsked(id) })}
          />
        </div>
        {run.isError && <ErrorNote error={run.error} title="Not started" />}
        {inTheWay !== undefined && (
          <Anchor component={Link} to={paths.run(inTheWay)} size="sm">
            See the run that is going
          </Anchor>
        )}
        {watched !== null && (
          <LiveRun key={watched} scheduleId={watched} onEnd={() => void refreshRuns().finally(() => setAsked(undefined))} />
        )}
        {latest && watched === null && <LastRun run={latest} />}
        <Paused job={job} />
        {job.days.length > 0 && (
          <DayStrip days={job.days} title={job.title} type={job.schedule_type} zone={job.schedules[0]?.timezone ?? 'UTC'} />
        )}
      </Stack>
    </Card>
  )
}

/** How far away the times of the sentence are, and which clock they are of. */
function Aside({ job, now }: { job: Job; now: Date }) {
  const viewer = useViewerZone()
  const parts: string[] = []
  if (job.data_at) parts.push(`Read ${distance(new Date(job.data_at), now)}`)
  if (job.next_run && Date.parse(job.next_run) > now.getTime()) parts.push(`next ${distance(new Date(job.next_run), now)}`)
  const moment = job.data_at ?? job.next_run
  const zone = zoneOf(job)
  if (moment && zone) {
    const at = new Date(moment)
    const own = sameClock(at, zone, viewer) ? '' : `, ${when(at, viewer, now)} your time`
    parts.push(`${zoneName(at, zone)}${own}`)
  }
  return (
    <Text size="sm" c="dimmed">
      {parts.join(' · ')}
    </Text>
  )
}

function LastRun({ run }: { run: Schemas['Run'] }) {
  const changes = changesText(run)
  const fine = run.outcome === 'success'
  return (
    <Stack gap={4}>
      <Group gap="xs" role="status">
        <Text size="sm" c="dimmed">
          Last run
        </Text>
        <OutcomeBadge outcome={endOf(run)} />
        <Text size="sm">{changes || (fine ? 'nothing new' : '')}</Text>
        {run.id > 0 && (
          <Anchor component={Link} to={paths.run(run.id)} size="sm">
            {fine ? 'Details' : 'See what happened'}
          </Anchor>
        )}
      </Group>
      {!fine && run.error_message && (
        <Text size="sm" lineClamp={3} title={run.error_message} style={{ overflowWrap: 'anywhere' }}>
          {run.error_message}
        </Text>
      )}
    </Stack>
  )
}

/** Schedules that a person has paused, and why; those that suspended themselves stand at the top of the page. */
function Paused({ job }: { job: Job }) {
  const paused = job.schedules.filter((schedule) => !schedule.enabled)
  if (paused.length === 0) return null
  return paused.map((schedule) => (
    <Text key={schedule.id} size="sm" style={{ overflowWrap: 'anywhere' }}>
      {job.schedules.length > 1 ? `“${scheduleName(schedule)}” is paused` : 'Paused'}
      {schedule.pause_reason ? `: ${schedule.pause_reason.replace(/\.$/, '')}. ` : '. '}
      <Anchor component={Link} to={paths.schedule(schedule.id)} inherit>
        Go to the schedule to resume it
      </Anchor>
    </Text>
  ))
}
