// How a schedule is doing: one word with its tone, and the sentence behind it.
import type { Schemas } from '../../api/client'
import { count, type Tone } from '../../outcomes'

export interface Standing {
  label: string
  tone: Tone
  /** Why, as a sentence; empty when there is nothing more to say. */
  why: string
}

type Shown = Pick<
  Schemas['Schedule'],
  'status' | 'held' | 'held_reason' | 'pause_reason' | 'warning' | 'overdue' | 'sync' | 'consecutive_failures'
>

/** The most pressing thing about a schedule: what keeps it from running comes before what went wrong lately. */
export function standing(schedule: Shown): Standing {
  if (schedule.status === 'paused') return { label: 'Paused', tone: 'off', why: schedule.pause_reason }
  if (schedule.held) return { label: 'Waiting for sign-in', tone: 'wait', why: schedule.held_reason ?? '' }
  if (schedule.status === 'failed')
    return {
      label: 'Stopped',
      tone: 'bad',
      why: schedule.warning ?? `${count(schedule.consecutive_failures, 'failure')} in a row; it tries again by itself.`,
    }
  if (schedule.warning) return { label: 'Failing', tone: 'part', why: schedule.warning }
  if (schedule.overdue)
    return { label: 'Overdue', tone: 'wait', why: 'A run should have started some minutes ago. It starts by itself when it can.' }
  if (schedule.sync === 'pending')
    return { label: 'Active', tone: 'good', why: 'The newest change is not in effect yet; it is applied by itself.' }
  return { label: 'Active', tone: 'good', why: '' }
}

/** The name of a schedule; one that was never given has the name of its type. */
export const nameOf = (schedule: Pick<Schemas['Schedule'], 'name' | 'schedule_type'>, title?: string) =>
  schedule.name === schedule.schedule_type && title ? title : schedule.name
