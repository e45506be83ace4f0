// Numbers and words of the operations page.
import { colours, word } from '../../outcomes'
import { duration } from '../../time/zone'
import type { Overview } from './queries'

/** Names of the task queues; one that is not listed is shown by its name. */
const queues: Record<string, string> = { browser: 'Portal visits', scrape: 'Everything else' }

export const queueWord = (name: string) => queues[name]

export const kindWord = { workflow: 'Workflow steps', activity: 'Activities' }

export const lag = (seconds: number | null) => (seconds === null ? 'none started' : duration(seconds))

export interface Slice {
  outcome: string
  label: string
  colour: string
  count: number
  /** Of the whole, 0 to 1. */
  share: number
}

const order = ['good', 'part', 'wait', 'bad', 'busy', 'plan', 'off']

/** Outcomes as parts of a bar: good ends first, then by number. */
export function slices(counts: Record<string, number> | null): Slice[] {
  const entries = Object.entries(counts ?? {}).filter(([, n]) => n > 0)
  const total = entries.reduce((sum, [, n]) => sum + n, 0)
  return entries
    .map(([outcome, n]) => ({ outcome, ...word(outcome), count: n }))
    .sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone) || b.count - a.count)
    .map(({ outcome, label, tone, count }) => ({ outcome, label, colour: colours[tone], count, share: count / total }))
}

/** What the newest comparison did, in words; empty when there was nothing to repair. */
export function repairs(reconcile: NonNullable<Overview['reconcile']>): { text: string; count: number }[] {
  const all = [
    { text: 'put back into Temporal', count: reconcile.missing },
    { text: 'removed from Temporal', count: reconcile.extra },
    { text: 'put right in Temporal', count: reconcile.differing },
    { text: 'paused or resumed in Temporal, now shown so', count: reconcile.mirrored },
    { text: 'overdue', count: reconcile.overdue },
    { text: 'overdue and made anew', count: reconcile.healed },
    { text: 'suspended and tried once more', count: reconcile.probed },
    { text: 'runs started late', count: reconcile.runs_started },
    { text: 'runs found without a record', count: reconcile.runs_adopted },
    { text: 'runs closed that had not said they ended', count: reconcile.runs_closed },
    { text: 'left for the next time after an error', count: reconcile.errors },
  ]
  return all.filter(({ count }) => count > 0)
}

export const runStates: Record<string, { label: string; colour: string }> = {
  running: { label: 'Running', colour: 'blue' },
  completed: { label: 'Completed', colour: 'teal' },
  failed: { label: 'Failed', colour: 'red' },
  canceled: { label: 'Cancelled', colour: 'gray' },
  terminated: { label: 'Terminated', colour: 'red' },
  timed_out: { label: 'Timed out', colour: 'red' },
  unknown: { label: 'Forgotten by Temporal', colour: 'gray' },
}

/** "system-reconcile" -> "Reconcile". */
export function systemName(id: string): string {
  const text = id.replace(/^system-/, '').replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "every 15 s", "every hour". */
export function every(seconds: number): string {
  if (seconds <= 0) return 'not known how often'
  if (seconds === 60) return 'every minute'
  if (seconds === 3600) return 'every hour'
  if (seconds === 86_400) return 'every day'
  return `every ${duration(seconds)}`
}
