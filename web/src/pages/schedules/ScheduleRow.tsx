import { Anchor, Checkbox, Text } from '@mantine/core'
import { memo } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import type { Schedule } from './queries'
import { RowActions, type Ask } from './RowActions'
import classes from './Schedules.module.css'
import { Sparkline } from './Sparkline'
import { nameOf, standing } from './status'
import { StatusBadge } from './StatusBadge'
import { sayTiming } from './timing'

interface ScheduleRowProps {
  schedule: Schedule
  title?: string
  recent?: Schemas['RecentRuns']
  /** Its place among all rows, the first is 0. */
  index: number
  selected: boolean
  onSelect: (index: number, selected: boolean, range: boolean) => void
  onAsk: (ask: Ask) => void
}

/** One schedule: a row of the table, or a card where there is no room for one. */
export const ScheduleRow = memo(function ScheduleRow(props: ScheduleRowProps) {
  const { schedule, title, recent, index, selected, onSelect, onAsk } = props
  const name = nameOf(schedule, title)
  return (
    <div role="row" aria-rowindex={index + 2} data-selected={selected || undefined} className={classes.row}>
      <div role="cell">
        <label className={classes.tick}>
          <Checkbox
            aria-label={`Select ${name}`}
            checked={selected}
            onChange={() => undefined}
            onClick={(event) => onSelect(index, !selected, event.shiftKey)}
          />
        </label>
      </div>
      <div role="rowheader">
        <Anchor component={Link} to={paths.schedule(schedule.id)} className={classes.name} c="inherit" title={name}>
          {name}
        </Anchor>
        <Text size="xs" c="dimmed" className={classes.why} title={sayTiming(schedule)}>
          {title !== undefined && title !== name && `${title} · `}
          {sayTiming(schedule)}
        </Text>
      </div>
      <StatusCell schedule={schedule} />
      <div role="cell" className={classes.when}>
        <span className={classes.label}>Next run</span>
        <Next schedule={schedule} />
      </div>
      <LastCell schedule={schedule} recent={recent} />
      <div role="cell">
        {recent && recent.runs.length > 0 && (
          <>
            <span className={classes.label}>Durations</span>
            <Sparkline recent={recent} />
          </>
        )}
      </div>
      <div role="cell" className={classes.actions}>
        <RowActions schedule={schedule} name={name} onAsk={onAsk} />
      </div>
    </div>
  )
})

function StatusCell({ schedule }: { schedule: Schedule }) {
  const now = standing(schedule)
  const failures = schedule.consecutive_failures
  return (
    <div role="cell">
      <StatusBadge standing={now} />
      {now.why && (
        <Text size="xs" c="dimmed" mt={2} className={classes.why} title={now.why}>
          {now.why}
        </Text>
      )}
      {failures > 0 && !now.why.includes('in a row') && (
        <Text size="xs" mt={2}>
          {count(failures, 'failure')} in a row
        </Text>
      )}
    </div>
  )
}

function Next({ schedule }: { schedule: Schedule }) {
  if (schedule.next_run && !schedule.held) return <Time at={schedule.next_run} zone={schedule.timezone} relative />
  if (schedule.probe_at)
    return (
      <>
        Tries again <Time at={schedule.probe_at} zone={schedule.timezone} relative />
      </>
    )
  return (
    <Text inherit c="dimmed">
      {schedule.held ? 'None until you sign in' : schedule.enabled ? 'No more' : 'None while paused'}
    </Text>
  )
}

function LastCell({ schedule, recent }: { schedule: Schedule; recent?: Schemas['RecentRuns'] }) {
  const going = recent?.runs.findLast((run) => run.outcome === null)
  const last = recent?.runs.findLast((run) => run.outcome !== null)
  return (
    <div role="cell" className={classes.when}>
      <span className={classes.label}>Last run</span>
      {going && (
        <Anchor component={Link} to={paths.run(going.id)} underline="never">
          <OutcomeBadge outcome={null} />
        </Anchor>
      )}
      {!going && last && (
        <Anchor component={Link} to={paths.run(last.id)} underline="never">
          <OutcomeBadge outcome={last.outcome} />
        </Anchor>
      )}
      {schedule.last_run ? (
        <Text inherit>
          <Time at={schedule.last_run} zone={schedule.timezone} relative />
        </Text>
      ) : (
        !going && (
          <Text inherit c="dimmed">
            Never ran
          </Text>
        )
      )}
    </div>
  )
}
