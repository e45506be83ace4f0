import type { Schemas } from '../../api/client'
import { colours, word } from '../../outcomes'
import { clock, duration } from '../../time/zone'

/** How long the newest runs took, oldest on the left; a failed one has a cap. */
export function DurationBars({ runs, zone }: { runs: Schemas['Run'][]; zone: string }) {
  const ended = runs.filter((run) => run.duration_seconds !== null).reverse()
  if (ended.length < 3) return null
  const most = Math.max(...ended.map((run) => run.duration_seconds ?? 0), 0.1)
  const longest = duration(most)
  const failed = ended.filter((run) => word(run.outcome).tone === 'bad').length
  return (
    <svg
      viewBox={`0 0 ${ended.length * 6} 30`}
      width={ended.length * 6}
      height={30}
      style={{ display: 'block', maxWidth: '100%', marginTop: 6 }}
      role="img"
      aria-label={`Durations of the last ${ended.length} runs, the longest ${longest}${failed ? `; ${failed} failed` : ''}`}
    >
      {ended.map((run, i) => {
        const height = Math.max(3, ((run.duration_seconds ?? 0) / most) * 24)
        const { label, tone } = word(run.outcome)
        return (
          <g key={run.id} fill={`var(--mantine-color-${colours[tone]}-text)`}>
            <title>{`${clock(new Date(run.started_at), zone)}: ${label}, ${duration(run.duration_seconds ?? 0)}`}</title>
            <rect x={i * 6} y={30 - height} width={4} height={height} rx={1} />
            {tone === 'bad' && <rect x={i * 6} y={30 - height - 5} width={4} height={3} />}
          </g>
        )
      })}
    </svg>
  )
}
