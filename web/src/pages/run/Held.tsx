import { Alert, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { isConflict, sentence } from '../../api/errors'
import { Confirm } from '../../components/Confirm'
import { ErrorNote } from '../../components/ErrorNote'
import { count } from '../../outcomes'
import { ChangeList } from './Changes'
import { useDecide, useHeldEffect, useSites, type Run } from './queries'
import { effectText } from './words'

/** How many of the changes are shown without asking for them. */
const few = 5

/** A result that waits for a person: what looked wrong, what accepting it would do, and the two ways out. */
export function Held({ run, log }: { run: Run; log: Schemas['ErrorLog'] | undefined }) {
  const undecided = run.completed_at !== null && !run.decision
  // A run for dispensers may have stored most sites, and hold others back.
  const sites = useSites(run.id, false, undecided && run.schedule_type === 'dispensers')
  const some = run.outcome === 'held' ? 0 : (sites.data?.filter((site) => site.state === 'held').length ?? 0)
  const holds = undecided && (run.outcome === 'held' || some > 0)
  const [asking, setAsking] = useState<'accept' | 'discard'>()
  const effect = useHeldEffect(run.id, holds && asking === undefined)
  const decide = useDecide(run.id)
  if (!holds) return null
  const doubts = [...new Set(log?.attempts.filter((attempt) => attempt.kind === null).map((attempt) => attempt.message))].filter(
    (text) => text !== run.error_message,
  )
  const close = () => setAsking(undefined)
  const ask = (what: 'accept' | 'discard') => {
    decide.reset()
    setAsking(what)
  }
  const outdated = isConflict(effect.error)
  const would = effect.data && effectText(effect.data, run.schedule_type)
  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="held">
      <Stack gap="sm">
        <Title order={2} size="h4" id="held">
          Is this result right?
        </Title>
        <Text size="sm">
          {some > 0
            ? `${count(some, 'site')} ${some === 1 ? 'was' : 'were'} put aside, because what was read there looks wrong; each says below why. The others are stored.`
            : `The result was put aside, because it looks wrong: ${run.error_message ?? ''}`}
        </Text>
        {doubts.map((doubt) => (
          <Text key={doubt} size="sm">
            {doubt}
          </Text>
        ))}
        {outdated ? (
          <Alert color="gray" variant="light" icon={<IconAlertTriangle aria-hidden />} title="There is a newer result">
            {sentence(effect.error)}
          </Alert>
        ) : (
          <>
            {effect.data && <Effect key={would} effect={effect.data} would={would ?? ''} />}
            {effect.isError && !effect.data && (
              <ErrorNote
                error={effect.error}
                title="What accepting would change could not be loaded"
                retry={() => void effect.refetch()}
              />
            )}
            <Text size="sm" c="dimmed">
              Look at the portal first. Accept when it shows the same, for example because many work orders were really closed. If
              you do nothing, your data stays and the next good run takes its place.
            </Text>
          </>
        )}
        <Group gap="xs">
          {!outdated && <Button onClick={() => ask('accept')}>Accept …</Button>}
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
          {would && <Text fw={600}>This will {would}.</Text>}
          <Text size="sm">
            What was put aside is stored as if nothing had looked wrong, and what it does not list is removed from your data. It
            comes back only when a later run lists it again.
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
            What was put aside is dropped. Your stored data stays as it is, and the next run reads the portal again.
          </Text>
        </Confirm>
      </Stack>
    </Paper>
  )
}

/** What accepting would change, the first few one by one. */
function Effect({ effect, would }: { effect: Schemas['HeldEffect']; would: string }) {
  const [all, setAll] = useState(false)
  const total = effect.added + effect.changed + effect.removed + effect.returned
  const more = effect.changes.length - few
  return (
    <Stack gap="xs">
      <Text fw={600}>{would ? `Accepting it would ${would}.` : 'Accepting it would change nothing in your data.'}</Text>
      {total > 0 && <ChangeList changes={all ? effect.changes : effect.changes.slice(0, few)} />}
      {more > 0 && !all && (
        <Button variant="subtle" size="compact-md" onClick={() => setAll(true)} style={{ alignSelf: 'flex-start' }}>
          Show {more.toLocaleString()} more
        </Button>
      )}
      {all && total > effect.changes.length && (
        <Text size="sm" c="dimmed">
          And {(total - effect.changes.length).toLocaleString()} more.
        </Text>
      )}
    </Stack>
  )
}
