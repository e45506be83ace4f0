import type { Kind } from './days'
import classes from './home.module.css'

/** A day as a square: colour and sign together, so that neither has to be told apart alone. */
export function Square({ kind, size }: { kind: Kind; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} className={`${classes[kind]} ${size ? '' : classes.square}`} aria-hidden>
      {kind === 'none' || kind === 'off' ? (
        <rect
          x="1"
          y="1"
          width="14"
          height="14"
          rx="3"
          fill="none"
          stroke="var(--ink)"
          strokeWidth="1"
          strokeDasharray={kind === 'none' ? '2 2' : undefined}
        />
      ) : (
        <rect width="16" height="16" rx="3" fill="var(--fill)" />
      )}
      {signs[kind]}
    </svg>
  )
}

const line = { stroke: 'var(--ink)', strokeWidth: 2, strokeLinecap: 'round', strokeLinejoin: 'round', fill: 'none' } as const

const signs: Record<Kind, React.ReactNode> = {
  good: null,
  part: <path d="M4 12 L12 4" {...line} />,
  held: <path d="M6 5 V11 M10 5 V11" {...line} />,
  some: <path d="M16 3 V13 A3 3 0 0 1 13 16 H3 Z" fill="var(--ink)" />,
  bad: <path d="M5 5 L11 11 M11 5 L5 11" {...line} />,
  off: <path d="M5 8 H11" {...line} strokeWidth={1.5} />,
  none: null,
}
