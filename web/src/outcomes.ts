// The words of the API as people read them, and the colour and sign of each. A colour is never the only sign.
import type { Schemas } from './api/client'

export type Outcome = NonNullable<Schemas['Run']['outcome']>
export type Tone = 'good' | 'part' | 'wait' | 'bad' | 'off' | 'busy' | 'plan'

/** Mantine colours of the tones. */
export const colours: Record<Tone, string> = {
  good: 'teal',
  part: 'yellow',
  wait: 'orange',
  bad: 'red',
  off: 'gray',
  busy: 'blue',
  plan: 'gray',
}

interface Word {
  label: string
  tone: Tone
}

const outcomes: Record<string, Word> = {
  success: { label: 'Succeeded', tone: 'good' },
  partial: { label: 'Partly read', tone: 'part' },
  held: { label: 'Held for you', tone: 'wait' },
  discarded: { label: 'Discarded', tone: 'off' },
  credentials_rejected: { label: 'Password refused', tone: 'bad' },
  account_locked: { label: 'Account locked', tone: 'bad' },
  session_expired: { label: 'Signed out by portal', tone: 'bad' },
  layout_changed: { label: 'Portal page changed', tone: 'bad' },
  portal_throttled: { label: 'Portal too busy', tone: 'bad' },
  portal_down: { label: 'Portal down', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'off' },
  timed_out: { label: 'Timed out', tone: 'bad' },
  terminated: { label: 'Terminated', tone: 'bad' },
  worker_lost: { label: 'Worker lost', tone: 'bad' },
  internal_error: { label: 'Internal error', tone: 'bad' },
  skipped_overlap: { label: 'Skipped, run before still going', tone: 'off' },
  paused: { label: 'Paused', tone: 'off' },
  held_credentials: { label: 'Waiting for sign-in', tone: 'wait' },
  breaker_open: { label: 'Portal down for all', tone: 'off' },
  outside_hours: { label: 'Outside hours', tone: 'off' },
  missed: { label: 'Missed', tone: 'bad' },
  skip_date: { label: 'Skip date', tone: 'off' },
  running: { label: 'Running', tone: 'busy' },
  planned: { label: 'Planned', tone: 'plan' },
  due: { label: 'Due', tone: 'busy' },
  ran: { label: 'Ran', tone: 'good' },
}

/** Any outcome, slot state or reason; null is a run that is going. A word of a newer server is shown as it is. */
export function word(name: string | null | undefined): Word {
  if (!name) return { label: 'Running', tone: 'busy' }
  return outcomes[name] ?? { label: sayWord(name), tone: 'off' }
}

/** skipped_overlap -> Skipped overlap */
export function sayWord(name: string): string {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The word for how a run ended, with what a person has decided about it. */
export const endOf = (run: Pick<Schemas['Run'], 'outcome' | 'decision'>) =>
  run.outcome === 'held' && run.decision === 'discarded' ? 'discarded' : run.outcome

export const triggers: Record<Schemas['Run']['trigger_type'], string> = {
  scheduled: 'Scheduled',
  manual: 'By hand',
  backfill: 'Backfill',
}

/** "1 run", "2 runs". */
export const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString()} ${n === 1 ? one : many}`
