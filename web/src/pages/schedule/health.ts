import type { Schemas } from '../../api/client'

type Run = Schemas['Run']

/** The usual length of a run in seconds: the middle one of those that stored data; nothing before there are three. */
export function usual(runs: Run[]): number | undefined {
  const lengths = runs
    .filter((run) => run.success && run.duration_seconds !== null)
    .map((run) => run.duration_seconds ?? 0)
    .sort((a, b) => a - b)
  return lengths.length < 3 ? undefined : lengths[Math.floor(lengths.length / 2)]
}

/** How many of the runs that came to an end of their own stored data. */
export function rate(runs: Run[]): { good: number; of: number } {
  const ended = runs.filter((run) => run.outcome !== null && run.outcome !== 'cancelled')
  return { good: ended.filter((run) => run.success).length, of: ended.length }
}
