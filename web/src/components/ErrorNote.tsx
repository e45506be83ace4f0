import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'
import { sentence } from '../api/errors'

interface ErrorNoteProps {
  error: unknown
  title?: string
  /** What to do about it, where the sentence does not say so. */
  hint?: string
  retry?: () => void
}

/** What went wrong, as a sentence, and a button to try again. */
export function ErrorNote({ error, title = 'That did not work', hint, retry }: ErrorNoteProps) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertCircle aria-hidden />} title={title} role="alert">
      <Text size="sm">{sentence(error)}</Text>
      {hint && (
        <Text size="sm" mt={4}>
          {hint}
        </Text>
      )}
      {retry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  )
}
