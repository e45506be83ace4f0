import { Anchor, Box, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title, Transition } from '@mantine/core'
import { IconArrowBigUpLines } from '@tabler/icons-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { ProblemError } from '../api/errors'
import { ErrorNote } from '../components/ErrorNote'
import { PortalWait } from '../components/PortalWait'
import { useSignIn } from '../session/Session'

/** What to do about a refusal that is not about the password. */
const hintOf = (error: unknown) =>
  error instanceof ProblemError && error.status >= 500
    ? 'Try again in a few minutes, or see whether WorkFossa opens in your browser.'
    : undefined

/** The first page: portal credentials, and what happens while they are tried. The page that was asked for comes afterwards. */
export function SignIn() {
  const signIn = useSignIn()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [capsLock, setCapsLock] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const listen = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))
  // What was refused is most likely a slip in the password: it is selected, to be typed again.
  useEffect(() => {
    if (signIn.isError) field.current?.select()
  }, [signIn.isError, signIn.error])
  return (
    <Box
      component="main"
      mih="100dvh"
      display="grid"
      p="md"
      style={{ placeContent: 'center', gridTemplateColumns: 'min(100%, 400px)' }}
    >
      <title>Sign in · FossaWork</title>
      <Card withBorder shadow="sm" padding="lg">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (!signIn.isPending) signIn.mutate({ username: username.trim(), password })
          }}
        >
          <Stack>
            <Group gap="sm" wrap="nowrap">
              <img src="/favicon.svg" alt="" width={36} height={36} />
              <Title order={1} size="h3">
                Sign in to FossaWork
              </Title>
            </Group>
            <Text size="sm" c="dimmed">
              Use your WorkFossa login. It is kept sealed, and only used to collect your work orders for you.
            </Text>
            <TextInput
              label="E-mail address"
              type="email"
              size="md"
              autoComplete="username"
              required
              withAsterisk={false}
              autoFocus
              readOnly={signIn.isPending}
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <Stack gap={6}>
              <PasswordInput
                ref={field}
                label="WorkFossa password"
                size="md"
                autoComplete="current-password"
                required
                withAsterisk={false}
                readOnly={signIn.isPending}
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
                value={password}
                onKeyDown={listen}
                onKeyUp={listen}
                onBlur={() => setCapsLock(false)}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              <div role="status">
                <Transition mounted={capsLock} transition="fade">
                  {(style) => (
                    <Group gap={6} style={style} wrap="nowrap" c="orange">
                      <IconArrowBigUpLines size={16} aria-hidden />
                      <Text size="sm">Caps Lock is on.</Text>
                    </Group>
                  )}
                </Transition>
              </div>
            </Stack>
            {signIn.isError && !signIn.isPending && (
              <ErrorNote error={signIn.error} title="Not signed in" hint={hintOf(signIn.error)} />
            )}
            <Button type="submit" size="md" loading={signIn.isPending} fullWidth>
              Sign in
            </Button>
            <PortalWait since={signIn.isPending ? signIn.submittedAt : undefined} />
          </Stack>
        </form>
      </Card>
      <Text size="xs" c="dimmed" mt="md" ta="center">
        For programs: the{' '}
        <Anchor href="/docs" inherit>
          API and its documentation
        </Anchor>
        .
      </Text>
    </Box>
  )
}
