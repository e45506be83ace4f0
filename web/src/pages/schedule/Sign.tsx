import { Group, Text } from '@mantine/core'
import type { Kind } from './days'
import classes from './Timeline.module.css'

export const kindNames: Record<Kind, string> = {
  good: 'Succeeded',
  part: 'Partly read',
  held: 'Held for you',
  failed: 'Failed',
  cancelled: 'Cancelled',
  ran: 'Ran',
  skipped: 'Skipped',
  missed: 'Missed',
  running: 'Running',
  due: 'Due',
  planned: 'To come',
}

const colours: Record<Kind, string> = {
  good: 'teal',
  part: 'yellow',
  held: 'orange',
  failed: 'red',
  missed: 'red',
  cancelled: 'gray',
  ran: 'gray',
  skipped: 'gray',
  running: 'blue',
  due: 'blue',
  planned: 'gray',
}

/** A slot's sign: its own shape for each thing that may become of it, so that it can be told without the colour. */
export function Sign({ kind, size = 14 }: { kind: Kind; size?: number }) {
  const colour = `var(--mantine-color-${colours[kind]}-text)`
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden style={{ color: colour, display: 'block', flex: 'none' }}>
      {shapes[kind]}
    </svg>
  )
}

const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.8, strokeLinecap: 'round' as const }

const shapes: Record<Kind, React.ReactNode> = {
  good: <circle cx="7" cy="7" r="5.2" fill="currentColor" />,
  part: <path d="M7 1.2 13.2 12.6H0.8Z" fill="currentColor" />,
  held: <path d="M4.2 1h5.6L13 4.2v5.6L9.8 13H4.2L1 9.8V4.2Z" fill="currentColor" />,
  failed: <path d="M2.2 2.2 11.8 11.8M11.8 2.2 2.2 11.8" {...line} strokeWidth={3} />,
  missed: (
    <>
      <rect x="1.6" y="1.6" width="10.8" height="10.8" rx="1.5" {...line} />
      <path d="M7 4.2v3.2M7 9.8v.1" {...line} />
    </>
  ),
  cancelled: <rect x="2" y="2" width="10" height="10" rx="1.5" fill="currentColor" />,
  ran: <circle cx="7" cy="7" r="3.6" fill="currentColor" />,
  skipped: <path d="M2 7h10" {...line} strokeWidth={3} />,
  running: (
    <>
      <circle cx="7" cy="7" r="5.2" {...line} />
      <circle cx="7" cy="7" r="2.4" fill="currentColor" />
    </>
  ),
  due: <circle cx="7" cy="7" r="5" {...line} strokeWidth={2.6} />,
  planned: <circle cx="7" cy="7" r="4" {...line} strokeWidth={1.3} />,
}

interface LegendProps {
  kinds: Kind[]
  /** What the hatched parts are, where there are any. */
  hatched?: string
}

/** What the signs on screen mean. */
export function Legend({ kinds, hatched }: LegendProps) {
  return (
    <Group gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label="What the signs mean">
      {kinds.map((kind) => (
        <Group key={kind} component="li" gap={5} wrap="nowrap">
          <Sign kind={kind} size={12} />
          <Text size="xs" c="dimmed">
            {kindNames[kind]}
          </Text>
        </Group>
      ))}
      {hatched && (
        <Group component="li" gap={5} wrap="nowrap">
          <span className={classes.hatch} aria-hidden />
          <Text size="xs" c="dimmed">
            {hatched}
          </Text>
        </Group>
      )}
    </Group>
  )
}
