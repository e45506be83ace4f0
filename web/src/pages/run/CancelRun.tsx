import { Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Confirm } from '../../components/Confirm'
import { ReasonButton } from '../../components/ReasonButton'
import { useCancel } from './queries'

interface CancelRunProps {
  id: number
  /** Who has asked for its end already. */
  by?: string | null
}

/** Stops a run that is going, after asking. */
export function CancelRun({ id, by }: CancelRunProps) {
  const [opened, { open, close }] = useDisclosure(false)
  const cancel = useCancel()
  return (
    <>
      <ReasonButton
        variant="default"
        onClick={() => {
          cancel.reset()
          open()
        }}
        reason={by ? `${by} has asked for its end. It stops as soon as its step lets go.` : undefined}
      >
        {by ? 'Stopping …' : 'Cancel run'}
      </ReasonButton>
      <Confirm
        opened={opened}
        onClose={close}
        title="Cancel this run?"
        action="Cancel run"
        danger
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate(id, { onSuccess: close })}
      >
        <Text size="sm">
          The step that is going is broken off. What was stored before stays, and the schedule goes on at its next slot. It does
          not count as a failure.
        </Text>
      </Confirm>
    </>
  )
}
