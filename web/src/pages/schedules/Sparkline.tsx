import type { Schemas } from '../../api/client'
import { colours, count, word } from '../../outcomes'
import { duration } from '../../time/zone'

const width = 124
const height = 30
const base = height - 6
const step = 6

/** "Last 20 runs, oldest first: 18 Succeeded, 1 Portal down. Usually 41 s." */
export function sayRuns({ runs, usual_seconds: usual }: Schemas['RecentRuns']): string {
  const each = new Map<string, number>()
  for (const run of runs) {
    const { label } = word(run.outcome)
    each.set(label, (each.get(label) ?? 0) + 1)
  }
  const told = [...each].map(([label, n]) => `${n} ${label}`).join(', ')
  return `Last ${count(runs.length, 'run')}: ${told}.${usual === null ? '' : ` Usually ${duration(usual)}.`}`
}

/** How long the newest runs took, oldest first. What did not go well has a mark below its bar, so that colour is not the only sign. */
export function Sparkline({ recent }: { recent: Schemas['RecentRuns'] }) {
  const runs = recent.runs.slice(-20)
  const longest = Math.max(recent.usual_seconds ?? 0, ...runs.map((run) => run.seconds ?? 0), 0.001)
  const left = width - runs.length * step
  const usual = recent.usual_seconds === null ? undefined : base - (recent.usual_seconds / longest) * (base - 2)
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={sayRuns(recent)}>
      <title>{sayRuns(recent)}</title>
      <line x1={0} x2={width} y1={base + 0.5} y2={base + 0.5} stroke="var(--mantine-color-default-border)" />
      {usual !== undefined && (
        <line x1={0} x2={width} y1={usual} y2={usual} stroke="var(--mantine-color-dimmed)" strokeDasharray="2 3" opacity={0.7} />
      )}
      {runs.map((run, at) => {
        const { tone } = word(run.outcome)
        const x = left + at * step
        const tall = Math.max(2, ((run.seconds ?? longest) / longest) * (base - 2))
        const colour = `var(--mantine-color-${colours[tone]}-text)`
        return (
          <g key={run.id} fill={colour}>
            <rect x={x} y={base - tall} width={4} height={tall} rx={1} opacity={run.outcome === null ? 0.45 : 1} />
            {tone === 'bad' && <path d={`M${x - 0.5} ${base + 6} l2.5 -4.5 l2.5 4.5 z`} />}
            {(tone === 'wait' || tone === 'part') && <circle cx={x + 2} cy={base + 4} r={1.7} />}
          </g>
        )
      })}
    </svg>
  )
}
