import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { token } from '../api/token'
import { ErrorNote } from '../components/ErrorNote'
import { claimsOf } from './claims'
import { signOut, useSessionState, useSignIn } from './Session'

/** Asks for the password again when the session is over, without taking away the page or what was typed on it. */
export function Ended() {
  const { ended, signedIn } = useSessionState()
  // After a reload the server no longer says whose session it was; the token still does.
  const email = claimsOf(token.read())?.email
  const signIn = useSignIn()
  const [password, setPassword] = useState('')
  return (
    <Modal
      opened={ended && signedIn && email !== undefined}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate({ username: email ?? '', password }, { onSuccess: () => setPassword('') })
        }}
      >
        <Stack>
          <Text size="sm">
            Sign in again as <strong>{email}</strong> to go on where you were. Your schedules have been running all the while.
          </Text>
          <PasswordInput
            label="WorkFossa password"
            autoComplete="current-password"
            data-autofocus
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.isError && <ErrorNote error={signIn.error} title="Not signed in" />}
          <Group justify="space-between">
            <Button variant="subtle" color="gray" onClick={signOut}>
              Somebody else
            </Button>
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
