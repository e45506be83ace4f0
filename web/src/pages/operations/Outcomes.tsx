import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { count } from '../../outcomes'
import classes from './operations.module.css'
import type { Overview } from './queries'
import { Section } from '../../components/Section'
import { lag, slices, type Slice } from './words'

/** What runs came to in the last hour and day, how many are going, and how late they start. */
export function Outcomes({ overview }: { overview: Overview }) {
  const { runs, start_lag, logins } = overview
  return (
    <Section title="Runs">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" verticalSpacing="xs">
        <Figure label="Going now" value={runs.open.toLocaleString()} />
        <Figure
          label="Usual start lag"
          value={lag(start_lag.p50_seconds)}
          hint="Half of the scheduled runs of the last 24 hours"
        />
        <Figure label="Worst start lag" value={lag(start_lag.p99_seconds)} hint="99 of 100 started sooner after their slot" />
        <Figure label="Logins last hour" value={logins.last_hour.toLocaleString()} hint="Stored logins sent to the portal" />
      </SimpleGrid>
      <Ends title="Last hour" counts={runs.last_hour} />
      <Ends title="Last 24 hours" counts={runs.last_day} />
    </Section>
  )
}

export function Figure({ label, value, hint }: { label: string; value: string; hint?: string }) {
  return (
    <div title={hint}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <span className={classes.number} style={/^\d/.test(value) ? undefined : { fontSize: '1rem', fontWeight: 500 }}>
        {value}
      </span>
    </div>
  )
}

function Ends({ title, counts }: { title: string; counts: Record<string, number> | null }) {
  const parts = slices(counts)
  const total = parts.reduce((sum, part) => sum + part.count, 0)
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {title}{' '}
        <Text span inherit c="dimmed" fw={400}>
          {total === 0 ? 'nothing ended' : `${count(total, 'run')}, slots that did not run included`}
        </Text>
      </Text>
      {total > 0 && (
        <>
          <Bar parts={parts} label={`${title}: ${parts.map((part) => `${part.count} ${part.label}`).join(', ')}`} />
          <Group gap="md" style={{ rowGap: 2 }}>
            {parts.map((part) => (
              <Group key={part.outcome} gap={6} wrap="nowrap">
                <span className={classes.swatch} style={{ background: fill(part) }} aria-hidden />
                <Text size="sm">
                  {part.label} <strong>{part.count.toLocaleString()}</strong>
                </Text>
              </Group>
            ))}
          </Group>
        </>
      )}
    </Stack>
  )
}

/** Grey in the middle shows on both grounds. */
const fill = ({ colour }: Slice) => (colour === 'gray' ? 'var(--mantine-color-gray-5)' : `var(--mantine-color-${colour}-filled)`)

/** One bar, cut by outcome; a small slice stays visible. */
function Bar({ parts, label }: { parts: Slice[]; label: string }) {
  const gap = 0.6
  const least = 1.2
  const widths = parts.map((part) => Math.max(part.share * 100, least))
  const scale = (100 - gap * (parts.length - 1)) / widths.reduce((sum, width) => sum + width, 0)
  return (
    <svg className={classes.bar} viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      {parts.map((part, i) => (
        <rect
          key={part.outcome}
          x={widths.slice(0, i).reduce((sum, width) => sum + width * scale + gap, 0)}
          width={(widths[i] ?? 0) * scale}
          height={10}
          fill={fill(part)}
        >
          <title>{`${part.label}: ${part.count}`}</title>
        </rect>
      ))}
    </svg>
  )
}
