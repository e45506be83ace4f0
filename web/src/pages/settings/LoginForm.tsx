import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { ErrorNote } from '../../components/ErrorNote'
import { PortalWait } from '../../components/PortalWait'
import { useReplaceLogin } from './queries'

interface LoginFormProps {
  username: string
  onDone: () => void
  /** Left out where there is nothing to go back to. */
  onBack?: () => void
}

/** Asks for a login; it is kept only when the portal accepts it. */
export function LoginForm({ username: known, onDone, onBack }: LoginFormProps) {
  const [username, setUsername] = useState(known)
  const [password, setPassword] = useState('')
  const replace = useReplaceLogin()
  return (
    <form
      aria-label="WorkFossa login"
      onSubmit={(event) => {
        event.preventDefault()
        if (replace.isPending) return
        replace.mutate(
          { username: username.trim(), password },
          {
            onSuccess() {
              setPassword('')
              notifications.show({
                color: 'teal',
                message: 'WorkFossa accepted the login. Schedules that waited for it run again.',
              })
              onDone()
            },
          },
        )
      }}
    >
      <Stack gap="sm" maw={420}>
        <TextInput
          label="E-mail address at WorkFossa"
          type="email"
          size="md"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={replace.isPending}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          label="WorkFossa password"
          size="md"
          autoComplete="current-password"
          required
          withAsterisk={false}
          readOnly={replace.isPending}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {replace.isError && !replace.isPending && (
          <ErrorNote error={replace.error} title={known ? 'Not changed: the login from before stays' : 'Not saved'} />
        )}
        <Group gap="sm">
          <Button type="submit" size="md" loading={replace.isPending}>
            Check and save
          </Button>
          {onBack && (
            <Button variant="default" size="md" disabled={replace.isPending} onClick={onBack}>
              Back
            </Button>
          )}
        </Group>
        <PortalWait since={replace.isPending ? replace.submittedAt : undefined} />
      </Stack>
    </form>
  )
}
