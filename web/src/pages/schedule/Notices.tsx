import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconClockExclamation, IconHandStop, IconPlayerPause } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { inClock } from '../../time/zone'
import type { Schedule } from './queries'

/** What is the matter with a schedule, most urgent first, and what to do about it. */
export function Notices({ schedule: s }: { schedule: Schedule }) {
  const notices = [
    s.held && (
      <Alert key="held" color="orange" icon={<IconHandStop aria-hidden />} title="Waiting for you to sign in to the portal">
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{s.held_reason}</Text>
          <Button component={Link} to={paths.settings()} size="sm">
            Sign in again in Settings
          </Button>
        </Stack>
      </Alert>
    ),
    s.suspended_at && (
      <Alert
        key="suspended"
        color="red"
        icon={<IconAlertTriangle aria-hidden />}
        title={`Stopped after ${count(s.consecutive_failures, 'failure')} in a row`}
      >
        <Text size="sm">
          It has not run at its slots since <Time at={s.suspended_at} zone={s.timezone} />.{' '}
          {s.probe_at ? (
            <>
              It tries again by itself <Time at={s.probe_at} zone={s.timezone} relative />; when that run succeeds, everything
              goes on.
            </>
          ) : (
            'It tries again by itself, and goes on when a run succeeds.'
          )}
        </Text>
      </Alert>
    ),
    !s.suspended_at && s.warning && (
      <Alert key="warning" color="yellow" icon={<IconAlertTriangle aria-hidden />} title="It keeps failing">
        <Text size="sm">{inClock(s.warning)}</Text>
      </Alert>
    ),
    !s.enabled && !s.suspended_at && (
      <Alert key="paused" color="gray" icon={<IconPlayerPause aria-hidden />} title="Paused">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {s.pause_reason ? `${s.pause_reason.replace(/\.$/, '')}.` : 'Nobody said why.'} Nothing runs until you resume it.
        </Text>
      </Alert>
    ),
    s.overdue && (
      <Alert key="overdue" color="yellow" icon={<IconClockExclamation aria-hidden />} title="A slot is overdue">
        <Text size="sm">
          It should have run by now and has not begun. The scheduler puts this right by itself within minutes.
        </Text>
      </Alert>
    ),
    s.sync === 'pending' && (
      <Alert key="sync" color="blue" title="The newest change is being put into effect">
        <Text size="sm">Until then it may still run as before. This takes care of itself.</Text>
      </Alert>
    ),
  ].filter(Boolean)
  return notices.length ? <Stack gap="xs">{notices}</Stack> : null
}
