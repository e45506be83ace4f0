import { memo } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { count, word } from '../../outcomes'
import { paths } from '../../paths'
import type { Schedule } from './queries'
import { RowActions, type Pressed } from './RowActions'
import classes from './Schedules.module.css'
import { Sparkline } from './Sparkline'
import { nameOf, standing } from './status'
import { StatusBadge } from './StatusBadge'
import { sayTiming } from './timing'
import { When } from './When'

interface ScheduleRowProps {
  schedule: Schedule
  title?: string
  recent?: Schemas['RecentRuns']
  /** When the runs that are going have started, by their ids. */
  starts: ReadonlyMap<number, string>
  /** Its place among all rows, the first is 0. */
  index: number
  selected: boolean
  starting: boolean
  /** Its menu is open. */
  open: boolean
  onSelect: (index: number, selected: boolean, range: boolean) => void
  onRun: (pressed: Pressed) => void
  onMenu: (pressed?: Pressed) => void
}

/** One schedule: a row of the table, or a card where there is no room for one. Of plain elements, since many come at once when one scrolls. */
export const ScheduleRow = memo(function ScheduleRow(props: ScheduleRowProps) {
  const { schedule, title, recent, starts, index, selected, starting, open, onSelect, onRun, onMenu } = props
  const name = nameOf(schedule, title)
  const timing = sayTiming(schedule)
  const going = recent?.runs.findLast((run) => run.outcome === null)
  return (
    <div role="row" aria-rowindex={index + 2} data-selected={selected || undefined} className={classes.row}>
      <div role="cell">
        <label className={classes.tick}>
          <input
            type="checkbox"
            className={classes.check}
            aria-label={`Select ${name}`}
            checked={selected}
            onChange={() => undefined}
            onClick={(event) => onSelect(index, !selected, event.shiftKey)}
          />
        </label>
      </div>
      <div role="rowheader">
        <Link to={paths.schedule(schedule.id)} className={classes.name} title={name}>
          {name}
        </Link>
        <div className={classes.why} title={timing}>
          {title !== undefined && title !== name && `${title} · `}
          {timing}
        </div>
      </div>
      <StatusCell schedule={schedule} />
      <div role="cell" className={classes.when}>
        <span className={classes.label}>Next run</span>
        <Next schedule={schedule} />
      </div>
      <div role="cell" className={classes.when}>
        <span className={classes.label}>Last run</span>
        {going ? (
          <Going id={going.id} since={starts.get(going.id)} zone={schedule.timezone} />
        ) : (
          <Last schedule={schedule} recent={recent} />
        )}
      </div>
      <div role="cell">
        {recent && recent.runs.length > 0 && (
          <>
            <span className={classes.label}>Durations</span>
            <Sparkline recent={recent} />
          </>
        )}
      </div>
      <div role="cell" className={classes.actions}>
        <RowActions
          schedule={schedule}
          name={name}
          starting={starting}
          going={going !== undefined}
          open={open}
          onRun={onRun}
          onMenu={onMenu}
        />
      </div>
    </div>
  )
})

function StatusCell({ schedule }: { schedule: Schedule }) {
  const { label, tone, why } = standing(schedule)
  const failures = schedule.consecutive_failures
  return (
    <div role="cell">
      <StatusBadge label={label} tone={tone} />
      {why && (
        <div className={classes.why} title={why}>
          {why}
        </div>
      )}
      {failures > 0 && !why.includes('in a row') && <div className={classes.failures}>{count(failures, 'failure')} in a row</div>}
    </div>
  )
}

function Next({ schedule }: { schedule: Schedule }) {
  if (schedule.next_run && !schedule.held) return <When at={schedule.next_run} zone={schedule.timezone} />
  if (schedule.probe_at)
    return (
      <>
        Tries again <When at={schedule.probe_at} zone={schedule.timezone} />
      </>
    )
  return (
    <span className={classes.dim}>
      {schedule.held ? 'None until you sign in' : schedule.enabled ? 'No more' : 'None while paused'}
    </span>
  )
}

/** The run that is going. What became of the one before is less of interest meanwhile, and its time would be taken for this one's. */
function Going({ id, since, zone }: { id: number; since?: string; zone: string }) {
  return (
    <>
      <RunLink id={id} outcome={null} />
      {since !== undefined && (
        <div>
          since <When at={since} zone={zone} />
        </div>
      )}
    </>
  )
}

function Last({ schedule, recent }: { schedule: Schedule; recent?: Schemas['RecentRuns'] }) {
  const last = recent?.runs.at(-1)
  return (
    <>
      {last && <RunLink id={last.id} outcome={last.outcome} />}
      <div>
        {schedule.last_run ? (
          <When at={schedule.last_run} zone={schedule.timezone} />
        ) : (
          <span className={classes.dim}>Never ran</span>
        )}
      </div>
    </>
  )
}

const RunLink = ({ id, outcome }: { id: number; outcome: string | null }) => (
  <Link to={paths.run(id)} className={classes.run}>
    <StatusBadge {...word(outcome)} />
  </Link>
)
