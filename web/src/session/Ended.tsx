import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ErrorNote } from '../components/ErrorNote'
import { signOut, useAccount, useSessionState, useSignIn } from './Session'

/** Asks for the password again when the session is over, without taking away the page or what was typed on it. */
export function Ended() {
  const { ended, signedIn } = useSessionState()
  const account = useAccount()
  const signIn = useSignIn()
  const [password, setPassword] = useState('')
  return (
    <Modal
      opened={ended && signedIn && account !== undefined}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate({ username: account?.email ?? '', password }, { onSuccess: () => setPassword('') })
        }}
      >
        <Stack>
          <Text size="sm">
            Sign in again as <strong>{account?.email}</strong> to go on where you were. Your schedules have been running all the
            while.
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
