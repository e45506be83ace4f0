import { Anchor, Box, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ErrorNote } from '../components/ErrorNote'
import { useSignIn } from '../session/Session'

/** The first page: portal credentials, and what happens while they are tried. */
export function SignIn() {
  const signIn = useSignIn()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  return (
    <Box component="main" mih="100dvh" display="grid" p="md" style={{ placeItems: 'center' }}>
      <title>Sign in · FossaWork</title>
      <Card withBorder shadow="sm" padding="lg" w="100%" maw={400}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (!signIn.isPending) signIn.mutate({ username: username.trim(), password })
          }}
        >
          <Stack>
            <Group gap="sm">
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
              autoComplete="username"
              required
              autoFocus
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <PasswordInput
              label="WorkFossa password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {signIn.isError && <ErrorNote error={signIn.error} title="Not signed in" />}
            <Button type="submit" loading={signIn.isPending} fullWidth>
              Sign in
            </Button>
            <Checking since={signIn.isPending ? signIn.submittedAt : 0} />
          </Stack>
        </form>
      </Card>
      <Text size="xs" c="dimmed" mt="md">
        Programs use the <Anchor href="/docs">API</Anchor>.
      </Text>
    </Box>
  )
}

/** What is going on while a sign-in waits for the portal. */
function Checking({ since }: { since: number }) {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!since) return
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - since) / 1000)), 500)
    return () => {
      clearInterval(timer)
      setSeconds(0)
    }
  }, [since])
  let text = ''
  if (since) {
    text = 'Checking with WorkFossa …'
    if (seconds >= 4)
      text = `Checking with WorkFossa … ${seconds} s. A first sign-in opens the portal in a browser and takes some seconds.`
    if (seconds >= 20)
      text = `Still checking with WorkFossa … ${seconds} s. The portal is slow; this ends by itself after a minute and a half.`
  }
  return (
    <Text size="sm" c="dimmed" role="status" aria-live="polite">
      {text}
    </Text>
  )
}
