import { Alert, Anchor, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconExternalLink } from '@tabler/icons-react'
import { Time } from '../../components/Time'
import type { Overview } from './queries'

/** The first line: does everything work, and if not, what is missing. */
export function Readiness({ overview }: { overview: Overview }) {
  const { ready, message } = overview
  return (
    <Alert
      variant="default"
      role="status"
      icon={
        ready ? (
          <IconCircleCheck aria-hidden color="var(--mantine-color-teal-text)" />
        ) : (
          <IconAlertTriangle aria-hidden color="var(--mantine-color-red-text)" />
        )
      }
      title={ready ? 'Everything is ready' : 'Something is missing'}
    >
      <Text size="sm">
        {message || (ready ? 'Postgres, Temporal and a worker on each queue are there.' : 'The server does not say what.')}{' '}
        <Text span inherit c="dimmed">
          As of <Time at={overview.at} seconds />.
        </Text>
      </Text>
    </Alert>
  )
}

/** Ways to the other tools of an operator; an address that nobody has set is not a link. */
export function Tools({ links }: { links: Overview['links'] }) {
  const tools = [
    { label: 'Temporal UI', href: links.temporal_ui },
    { label: 'Metrics', href: links.metrics },
    { label: 'API docs', href: links.docs || '/docs' },
  ]
  return (
    <Group gap="md">
      {tools.map(({ label, href }) =>
        href ? (
          <Anchor key={label} href={href} target="_blank" rel="noopener noreferrer" size="sm" py={8}>
            {label} <IconExternalLink size={14} aria-hidden style={{ verticalAlign: '-2px' }} />
          </Anchor>
        ) : (
          <Text key={label} size="sm" c="dimmed" py={8} title="No address is set for it">
            {label}: not set
          </Text>
        ),
      )}
    </Group>
  )
}
