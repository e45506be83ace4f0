import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Confirm } from '../../components/Confirm'
import { count } from '../../outcomes'
import { useDecide, type Run } from './queries'
import { thingsOf } from './words'

/** A result that waits for a person: what looked wrong, and the two ways out. */
export function Held({ run, log }: { run: Run; log: Schemas['ErrorLog'] | undefined }) {
  const [asking, setAsking] = useState<'accept' | 'discard'>()
  const decide = useDecide(run)
  if (run.outcome !== 'held' || run.decision || run.schedule_id === null) return null
  const doubts = [...new Set(log?.attempts.filter((attempt) => attempt.kind === null).map((attempt) => attempt.message))].filter(
    (text) => text !== run.error_message,
  )
  const close = () => setAsking(undefined)
  const ask = (what: 'accept' | 'discard') => {
    decide.reset()
    setAsking(what)
  }
  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="held">
      <Stack gap="sm">
        <Title order={2} size="h4" id="held">
          Is this result right?
        </Title>
        <Text size="sm">The result was put aside, because it looks wrong: {run.error_message}</Text>
        {doubts.map((doubt) => (
          <Text key={doubt} size="sm">
            {doubt}
          </Text>
        ))}
        <Text size="sm" c="dimmed">
          Look at the portal first. Accept when it shows the same, for example because many work orders were really closed. If you
          do nothing, your data stays and the next good run takes its place.
        </Text>
        <Group gap="xs">
          <Button onClick={() => ask('accept')}>Accept …</Button>
          <Button variant="default" onClick={() => ask('discard')}>
            Discard …
          </Button>
        </Group>
        <Confirm
          opened={asking === 'accept'}
          onClose={close}
          title="Accept this result?"
          action="Accept and store"
          pending={decide.isPending}
          error={decide.error}
          onConfirm={() => decide.mutate('accept', { onSuccess: close })}
        >
          <Text size="sm">
            What the run has read ({count(run.items_processed, thingsOf[run.schedule_type])}) is stored as if nothing had looked
            wrong, and what it does not list is removed from your data. It comes back only when a later run lists it again.
          </Text>
        </Confirm>
        <Confirm
          opened={asking === 'discard'}
          onClose={close}
          title="Discard this result?"
          action="Discard result"
          danger
          pending={decide.isPending}
          error={decide.error}
          onConfirm={() => decide.mutate('discard', { onSuccess: close })}
        >
          <Text size="sm">
            What the run has read is dropped. Your stored data stays as it is, and the next run reads the portal again.
          </Text>
        </Confirm>
      </Stack>
    </Paper>
  )
}
