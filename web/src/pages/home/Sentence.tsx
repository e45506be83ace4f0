import type { Schemas } from '../../api/client'
import { Time } from '../../components/Time'
import classes from './home.module.css'

type Job = Schemas['HomeJob']

/** How a job type stands, in one word. */
export type Standing = 'fresh' | 'late' | 'stale' | 'paused' | 'waiting'

export function standing(job: Job): Standing {
  const last = job.latest_run
  if (job.data_at === null) return last?.outcome && !last.success && last.outcome !== 'cancelled' ? 'stale' : 'waiting'
  if (job.freshness === 'fresh' && isHeld(job)) return 'late'
  if (job.freshness === 'fresh') return 'fresh'
  if (job.schedules.length > 0 && job.schedules.every((schedule) => !schedule.enabled)) return 'paused'
  return job.freshness === 'late' ? 'late' : 'stale'
}

/** Whether a newer result than what is stored waits for the user. */
const isHeld = (job: Job) => job.latest_run?.outcome === 'held' && !job.latest_run.decision

/** The zone of a job type's sentence: one for all its times, that of its first schedule, as in the API's own sentence. */
export const zoneOf = (job: Job) => job.schedules[0]?.timezone

/** "Work orders up to date, 8:02 AM. Next 9:17 AM." */
export function Sentence({ job, running, now }: { job: Job; running: boolean; now: Date }) {
  return (
    <>
      <span className={classes.part}>
        {job.title} <Data job={job} running={running} />
      </span>{' '}
      <span className={classes.part}>
        <Next job={job} now={now} />
      </span>
    </>
  )
}

function Data({ job, running }: { job: Job; running: boolean }) {
  if (job.data_at === null) return running ? 'are being collected for the first time.' : 'not collected yet.'
  const words = { fresh: isHeld(job) ? 'from' : 'up to date,', late: 'late, from', stale: 'out of date, from', unknown: 'from' }[
    job.freshness
  ]
  return (
    <>
      {words} <Time at={job.data_at} zone={zoneOf(job)} bare className={classes.time} />.
    </>
  )
}

function Next({ job, now }: { job: Job; now: Date }) {
  if (job.next_run !== null) {
    if (Date.parse(job.next_run) <= now.getTime()) return 'Next now.'
    return (
      <>
        Next <Time at={job.next_run} zone={zoneOf(job)} bare className={classes.time} />.
      </>
    )
  }
  if (job.schedules.every((schedule) => !schedule.enabled)) return 'Paused.'
  return job.schedules.some((schedule) => schedule.held) ? 'Waiting for you.' : 'Nothing is planned.'
}
