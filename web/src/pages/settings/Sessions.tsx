import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Loaded } from '../../components/Loaded'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { signOut } from '../../session/Session'
import { device } from './device'
import { useEndOthers, useEndSession, useSessions } from './queries'
import classes from './settings.module.css'

type Session = Schemas['UserSession']

/** A list that is longer than this starts folded. */
const few = 5

/** Where the user is signed in, this device first. */
export function Sessions() {
  const sessions = useSessions()
  return <Loaded query={sessions}>{(all) => <Listed all={all} />}</Loaded>
}

function Listed({ all }: { all: Session[] }) {
  const [open, setOpen] = useState(false)
  const others = useEndOthers()
  // In the order of the sign-ins, which does not change while somebody aims at a button.
  const sorted = all.toSorted((a, b) => Number(b.current) - Number(a.current) || b.created_at.localeCompare(a.created_at))
  const rest = all.filter((session) => !session.current).length
  const shown = open ? sorted : sorted.slice(0, few)
  return (
    <Stack gap="md">
      <ul className={classes.list}>
        {shown.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
      {sorted.length > few && (
        <Group>
          <Button variant="subtle" mih={40} aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Show fewer' : `Show all ${sorted.length}`}
          </Button>
        </Group>
      )}
      {others.isError && <ErrorNote error={others.error} title="Not signed out" />}
      <Group gap="sm">
        <Button
          size="md"
          variant="light"
          color="red"
          disabled={rest === 0}
          loading={others.isPending}
          onClick={() => others.mutate(undefined, { onSuccess: ({ message }) => void notifications.show({ message }) })}
        >
          Sign out everywhere else
        </Button>
        <Text size="sm" c="dimmed">
          {rest === 0 ? 'You are signed in nowhere else.' : `Ends ${count(rest, 'other session')}. Your schedules go on running.`}
        </Text>
      </Group>
    </Stack>
  )
}

function Row({ session }: { session: Session }) {
  const end = useEndSession()
  const name = device(session.user_agent)
  return (
    <li className={classes.row}>
      <Group justify="space-between" gap="sm">
        <Stack gap={2} flex="1 1 220px" miw={0}>
          <Group gap="xs">
            <Text fw={600} title={session.user_agent} style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Text>
            {session.current && (
              <Badge variant="light" tt="none">
                This device
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            Used <Time at={session.last_seen_at} bare />, signed in <Time at={session.created_at} bare />, ends by itself{' '}
            <Time at={session.expires_at} bare />
          </Text>
        </Stack>
        <Button
          variant="default"
          mih={40}
          loading={end.isPending}
          aria-label={session.current ? 'Sign out of this device' : `Sign out ${name}`}
          onClick={() => (session.current ? signOut() : end.mutate(session.id))}
        >
          Sign out
        </Button>
      </Group>
      {end.isError && <ErrorNote error={end.error} title="Not signed out" />}
    </li>
  )
}
