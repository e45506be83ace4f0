import { Badge, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { count } from '../../outcomes'
import { useNow } from '../../time/now'
import { distance, duration } from '../../time/zone'
import classes from './operations.module.css'
import type { Overview } from './queries'
import { Section } from '../../components/Section'
import { kindWord, queueWord } from './words'

type Queue = Overview['queues'][number]

/** From this age on a backlog is worth a look. */
const oldBacklog = 60

/** The task queues: what waits, how long, who works on it. */
export function Queues({ queues }: { queues: Queue[] }) {
  return (
    <Section title="Queues and workers">
      {queues.length === 0 ? (
        <Text size="sm" c="dimmed">
          Temporal does not answer, so nobody knows what waits.
        </Text>
      ) : (
        <Table.ScrollContainer
          minWidth={560}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': 'Queues and workers, table' } }}
        >
          <Table verticalSpacing={6} aria-label="Queues and workers">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Queue</Table.Th>
                <Table.Th scope="col" ta="right">
                  Waiting
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  Oldest
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  In / out a minute
                </Table.Th>
                <Table.Th scope="col">Workers</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {queues.map((queue) => (
                <Row key={`${queue.name} ${queue.kind}`} queue={queue} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  )
}

const perMinute = (rate: number) => (rate * 60).toLocaleString(undefined, { maximumFractionDigits: rate * 60 < 10 ? 1 : 0 })

function Row({ queue }: { queue: Queue }) {
  const now = useNow()
  const late = queue.backlog > 0 && queue.backlog_age_seconds >= oldBacklog
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Th scope="row">
        {queue.name}
        <Text size="xs" c="dimmed" fw={400}>
          {[queueWord(queue.name), kindWord[queue.kind]].filter(Boolean).join(', ')}
        </Text>
      </Table.Th>
      <Table.Td ta="right">{queue.backlog.toLocaleString()}</Table.Td>
      <Table.Td ta="right">
        {queue.backlog === 0 ? (
          <Text span inherit c="dimmed">
            –<VisuallyHidden>nothing waits</VisuallyHidden>
          </Text>
        ) : late ? (
          <Text span inherit c="orange" fw={600}>
            {duration(queue.backlog_age_seconds)}, late
          </Text>
        ) : (
          duration(queue.backlog_age_seconds)
        )}
      </Table.Td>
      <Table.Td ta="right">
        {perMinute(queue.add_rate)} / {perMinute(queue.dispatch_rate)}
      </Table.Td>
      <Table.Td>
        {queue.workers.length === 0 ? (
          <Badge color="red" variant="light" tt="none">
            No worker
          </Badge>
        ) : (
          <Stack gap={2}>
            {queue.workers.length > 1 && <Text size="sm">{count(queue.workers.length, 'worker')}</Text>}
            {queue.workers.map((worker) => (
              <Text key={worker.identity} size="xs" className={classes.anywhere}>
                {worker.identity}{' '}
                <Text span inherit c="dimmed">
                  seen {distance(new Date(worker.last_seen_at), now)}
                </Text>
              </Text>
            ))}
          </Stack>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
