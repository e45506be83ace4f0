import { Alert, Badge, Button, Group, List, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCheck, IconKeyOff, IconLock, IconQuestionMark, IconX, type TablerIcon } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Confirm } from '../../components/Confirm'
import { ErrorNote } from '../../components/ErrorNote'
import { Loaded } from '../../components/Loaded'
import { PortalWait } from '../../components/PortalWait'
import { Time } from '../../components/Time'
import { LoginForm } from './LoginForm'
import { useCredentials, useForgetLogin, useTestLogin } from './queries'

type Info = Schemas['CredentialsInfo']

interface State {
  label: string
  color: string
  icon: TablerIcon
  text: string
}

const states: Record<NonNullable<Info['state']>, State> = {
  ok: { label: 'Accepted', color: 'teal', icon: IconCheck, text: '' },
  unverified: {
    label: 'Not tried yet',
    color: 'gray',
    icon: IconQuestionMark,
    text: 'It is tried with the next run, or when you test it here.',
  },
  rejected: {
    label: 'Refused',
    color: 'red',
    icon: IconX,
    text: 'WorkFossa refused this login, most likely because the password has changed there. It is not sent again; runs wait until you give the present password.',
  },
  locked: {
    label: 'Account locked',
    color: 'red',
    icon: IconLock,
    text: 'WorkFossa has locked this account. Unlock it there in a browser, or ask its support; then give the password again here.',
  },
}

const missing: State = {
  label: 'No login',
  color: 'orange',
  icon: IconKeyOff,
  text: 'Nothing can be collected from WorkFossa until you give a login. What was collected stays.',
}

/** The WorkFossa login: how it stands, test it, replace it, forget it. */
export function Login() {
  const credentials = useCredentials()
  return <Loaded query={credentials}>{(info) => <Stored info={info} />}</Loaded>
}

function Stored({ info }: { info: Info }) {
  const state = info.has_credentials && info.state ? states[info.state] : missing
  const broken = state !== states.ok && state !== states.unverified
  const [asked, setAsked] = useState(false)
  const [forgetting, setForgetting] = useState(false)
  const test = useTestLogin()
  const forget = useForgetLogin()
  const open = asked || broken
  const Icon = state.icon
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Group gap="xs">
          {info.username && (
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {info.username}
            </Text>
          )}
          <Badge variant="light" color={state.color} tt="none" leftSection={<Icon size={13} aria-hidden />}>
            {state.label}
          </Badge>
        </Group>
        {state.text && <Text size="sm">{state.text}</Text>}
        {info.verified_at && (
          <Text size="sm" c="dimmed">
            WorkFossa last accepted it <Time at={info.verified_at} relative />.
          </Text>
        )}
      </Stack>
      {open && (
        <LoginForm
          username={info.username ?? ''}
          onDone={() => {
            setAsked(false)
            test.reset()
          }}
          onBack={broken ? undefined : () => setAsked(false)}
        />
      )}
      {!open ? (
        <Group gap="sm">
          <Button size="md" variant="light" loading={test.isPending} onClick={() => test.mutate()}>
            Test the login
          </Button>
          <Button size="md" variant="default" disabled={test.isPending} onClick={() => setAsked(true)}>
            Change the login
          </Button>
          <Button variant="subtle" color="red" size="md" onClick={() => setForgetting(true)}>
            Forget the login …
          </Button>
        </Group>
      ) : (
        info.has_credentials && (
          <Group>
            <Button variant="subtle" color="red" size="md" onClick={() => setForgetting(true)}>
              Forget the login …
            </Button>
          </Group>
        )
      )}
      <PortalWait since={test.isPending ? test.submittedAt : undefined} />
      {test.data && !test.isPending && !asked && <Tested result={test.data} />}
      {test.isError && !asked && <ErrorNote error={test.error} title="Not tested" />}
      <Confirm
        opened={forgetting}
        onClose={() => setForgetting(false)}
        title="Forget your WorkFossa login?"
        action="Forget the login"
        danger
        pending={forget.isPending}
        error={forget.error}
        onConfirm={() =>
          forget.mutate(undefined, {
            onSuccess() {
              setForgetting(false)
              test.reset()
              notifications.show({ message: 'The WorkFossa login is forgotten. Nothing new is collected until you give one.' })
            },
          })
        }
      >
        <div>
          <Text fw={600}>What goes</Text>
          <List size="sm">
            <List.Item>The stored password and the open session at WorkFossa</List.Item>
          </List>
        </div>
        <div>
          <Text fw={600}>What stays</Text>
          <List size="sm">
            <List.Item>Your work orders, dispensers and filters, as they were last read</List.Item>
            <List.Item>Your schedules; those that need WorkFossa wait until you give a login again</List.Item>
            <List.Item>The history of your runs, and your sign-in here</List.Item>
          </List>
        </div>
      </Confirm>
    </Stack>
  )
}

const results = {
  success: { color: 'teal', title: 'The login works' },
  failed: { color: 'red', title: 'WorkFossa refuses the login' },
  error: { color: 'yellow', title: 'That could not be found out' },
} as const

function Tested({ result }: { result: Schemas['CredentialsTested'] }) {
  const { color, title } = results[result.status]
  return (
    <Alert role="status" color={color} variant="light" title={title}>
      {result.message} Tested <Time at={result.timestamp} bare />.
    </Alert>
  )
}
