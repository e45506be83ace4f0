import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { Time } from '../../components/Time'
import { paths } from '../../paths'
import { useReadDispensers, useReading } from './queries'
import { Refused } from './Refused'

interface ReadNowProps {
  /** Any order at the site: runs read whole sites. */
  order: string
  site: string
  zone?: string
  /** Look for a reading that somebody else has started, too. */
  watch?: boolean
  /** Why it cannot be read. */
  not?: string
}

/** Reads the dispensers of one site at once, and says how far that is. */
export function ReadNow({ order, site, zone, watch = false, not }: ReadNowProps) {
  const read = useReadDispensers(order)
  const [asked, setAsked] = useState(false)
  const progress = useReading(order, watch || asked)
  const state = progress.data
  const reading = state?.status === 'in_progress'
  // An answer that came before the click says nothing about it.
  const current = state && state.status !== 'not_found' && (reading || watch || !read.isPending) ? state : undefined
  const start = () => {
    setAsked(true)
    read.mutate(undefined, { onSuccess: () => void progress.refetch() })
  }
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Button
          variant="light"
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={start}
          loading={read.isPending}
          disabled={reading || not !== undefined}
          aria-label={`Read the dispensers of ${site} now`}
        >
          Read dispensers now
        </Button>
        {not && (
          <Text size="sm" c="dimmed">
            {not}
          </Text>
        )}
      </Group>
      {read.isError && <Refused error={read.error} title="Not started" />}
      {read.data && read.data.status !== 'scraping_started' && (
        <Text size="sm" role="status">
          {read.data.message}
        </Text>
      )}
      {current && <ReadingState state={current} zone={zone} />}
    </Stack>
  )
}

function ReadingState({ state, zone }: { state: Schemas['DispenserProgress']; zone?: string }) {
  const reading = state.status === 'in_progress'
  return (
    <Stack gap={4} maw={460}>
      {reading && <Progress value={Math.max(state.percentage, 4)} aria-label="How far the reading is" animated />}
      <Text size="sm" role="status" c={state.status === 'failed' ? 'red' : undefined}>
        {state.status === 'failed' ? 'Not read: ' : ''}
        {state.error ?? state.message}
        {!reading && state.completed_at && (
          <Text span inherit c="dimmed">
            {' '}
            <Time at={state.completed_at} zone={zone} bare />
          </Text>
        )}{' '}
        {state.run_id !== null && (
          <Anchor component={Link} to={paths.run(state.run_id)} inherit underline="always">
            {reading ? 'Watch the run' : 'See the run'}
          </Anchor>
        )}
      </Text>
    </Stack>
  )
}
