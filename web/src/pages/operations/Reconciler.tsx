import { Badge, List, Text } from '@mantine/core'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import type { Overview } from './queries'
import { Section } from '../../components/Section'
import { repairs, runStates } from './words'

/** The newest comparison of Postgres and Temporal: when, over what, what it repaired. */
export function Reconciler({ reconcile }: { reconcile: Overview['reconcile'] }) {
  if (!reconcile)
    return (
      <Section title="Comparison with Temporal">
        <Text size="sm" c="dimmed">
          There has been none yet, or Temporal does not answer.
        </Text>
      </Section>
    )
  const state = runStates[reconcile.state]
  const found = repairs(reconcile)
  return (
    <Section
      title="Comparison with Temporal"
      side={
        <Badge variant="light" tt="none" color={state?.colour ?? 'gray'}>
          {state?.label ?? reconcile.state}
        </Badge>
      }
    >
      <Text size="sm">
        <Time at={reconcile.last_at} seconds relative />
      </Text>
      {reconcile.message && <Text size="sm">{reconcile.message}</Text>}
      {reconcile.state === 'completed' && (
        <>
          <Text size="sm">
            {count(reconcile.checked, 'schedule')} and {count(reconcile.runs_checked, 'open run')} compared
            {found.length === 0 ? ', nothing to repair.' : ':'}
          </Text>
          {found.length > 0 && (
            <List size="sm" spacing={2}>
              {found.map(({ text, count: n }) => (
                <List.Item key={text}>
                  <strong>{n.toLocaleString()}</strong> {text}
                </List.Item>
              ))}
            </List>
          )}
        </>
      )}
    </Section>
  )
}
