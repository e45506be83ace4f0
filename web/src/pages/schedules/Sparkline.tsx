import type { Schemas } from '../../api/client'
import { colours, count, word, type Tone } from '../../outcomes'
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

interface Marks {
  tone: Tone
  bars: string
  going: string
  signs: string
}

/** All bars of a tone in one path: twenty elements in each row would cost much when one scrolls. */
function marks(runs: Schemas['RecentRun'][], longest: number): Marks[] {
  const drawn = new Map<Tone, Marks>()
  runs.forEach((run, at) => {
    const { tone } = word(run.outcome)
    const mark = drawn.get(tone) ?? { tone, bars: '', going: '', signs: '' }
    drawn.set(tone, mark)
    const x = width - (runs.length - at) * step
    const tall = Math.max(2, ((run.seconds ?? longest) / longest) * (base - 2))
    mark[run.outcome === null ? 'going' : 'bars'] += `M${x} ${base}v${-tall}h4v${tall}z`
    if (tone === 'bad') mark.signs += `M${x - 0.5} ${base + 6}l2.5 -4.5l2.5 4.5z`
    if (tone === 'wait' || tone === 'part') mark.signs += `M${x + 0.3} ${base + 4}a1.7 1.7 0 1 1 3.4 0a1.7 1.7 0 1 1 -3.4 0z`
  })
  return [...drawn.values()]
}

/** How long the newest runs took, oldest first. What did not go well has a mark below its bar, so that colour is not the only sign. */
export function Sparkline({ recent }: { recent: Schemas['RecentRuns'] }) {
  const runs = recent.runs.slice(-20)
  const longest = Math.max(recent.usual_seconds ?? 0, ...runs.map((run) => run.seconds ?? 0), 0.001)
  const usual = recent.usual_seconds === null ? undefined : base - (recent.usual_seconds / longest) * (base - 2)
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={sayRuns(recent)}>
      <title>{sayRuns(recent)}</title>
      <line x1={0} x2={width} y1={base + 0.5} y2={base + 0.5} stroke="var(--mantine-color-default-border)" />
      {usual !== undefined && (
        <line x1={0} x2={width} y1={usual} y2={usual} stroke="var(--mantine-color-dimmed)" strokeDasharray="2 3" opacity={0.7} />
      )}
      {marks(runs, longest).map(({ tone, bars, going, signs }) => (
        <g key={tone} fill={`var(--mantine-color-${colours[tone]}-text)`}>
          {bars && <path d={bars} />}
          {going && <path d={going} opacity={0.45} />}
          {signs && <path d={signs} />}
        </g>
      ))}
    </svg>
  )
}
