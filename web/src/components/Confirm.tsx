import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { ErrorNote } from './ErrorNote'

interface ConfirmProps {
  opened: boolean
  onClose: () => void
  title: string
  /** What happens, and what stays. */
  children: ReactNode
  /** The word on the button: what is done, never "OK". */
  action: string
  danger?: boolean
  pending?: boolean
  disabled?: boolean
  error?: unknown
  onConfirm: () => void
}

/** Asks before something that cannot be taken back, or that needs a word more. */
export function Confirm({ opened, onClose, title, children, action, danger, pending, disabled, error, onConfirm }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onConfirm()
        }}
      >
        <Stack gap="md">
          {children}
          {error ? <ErrorNote error={error} /> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" color={danger ? 'red' : undefined} loading={pending} disabled={disabled}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
