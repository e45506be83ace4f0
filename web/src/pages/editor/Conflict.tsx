import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { sayChanges } from './form'

type Update = Schemas['UpdateInputBody']

interface ConflictProps {
  opened: boolean
  mine: Update
  /** What they changed since; undefined while it is being read. */
  theirs?: Update
  error: unknown
  saving: boolean
  onClose: () => void
  onTake: () => void
  onKeep: () => void
}

/** Somebody else saved first: whose version it shall be. */
export function Conflict({ opened, mine, theirs, error, saving, onClose, onTake, onKeep }: ConflictProps) {
  const changed = theirs && sayChanges(theirs)
  const both = changed?.filter((each) => sayChanges(mine).includes(each)) ?? []
  return (
    <Modal opened={opened} onClose={onClose} title="Somebody changed this schedule meanwhile" size="lg">
      <Stack>
        <Text size="sm">
          Nothing of yours is saved yet.{' '}
          {changed &&
            (changed.length > 0
              ? `They changed ${changed.join(', ')}; you changed ${sayChanges(mine).join(', ')}.`
              : 'What they changed is not on this page, or was changed back.')}
        </Text>
        <Text size="sm">
          {both.length > 0
            ? `If you keep yours, ${both.join(', ')} will be as you have it; the rest of theirs stays.`
            : 'If you keep yours, what they changed stays, too: you did not change the same things.'}
        </Text>
        {error ? <ErrorNote error={error} title="Their version could not be loaded" /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onTake} disabled={!theirs || saving}>
            See theirs, drop mine
          </Button>
          <Button onClick={onKeep} loading={saving}>
            Keep mine, save over theirs
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
