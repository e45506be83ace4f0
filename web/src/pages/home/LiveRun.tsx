import { Anchor, Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useEffect } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { paths } from '../../paths'
import { useProgress } from './queries'

const phases: Record<Schemas['Progress']['phase'], string> = {
  not_started: 'About to start',
  initializing: 'Getting ready',
  logging_in: 'Signing in to WorkFossa',
  scraping: 'Reading',
  saving: 'Saving',
  completed: 'Done',
  error: 'Stopped',
}

interface LiveRunProps {
  scheduleId: number
  title: string
  /** The run has ended; what is on the page should be asked for again. */
  onEnd: () => void
}

/** How far a run is, second by second. Readers hear of each step, not of each number. */
export function LiveRun({ scheduleId, title, onEnd }: LiveRunProps) {
  const progress = useProgress(scheduleId)
  const data = progress.isFetchedAfterMount ? progress.data : undefined
  const ended = data !== undefined && data.status !== 'in_progress'
  useEffect(() => {
    if (ended) onEnd()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when it ends
  }, [ended])
  const phase = phases[data?.phase ?? 'not_started']
  return (
    <Stack gap={6}>
      <Progress.Root size="md">
        <Progress.Section value={Math.max(3, data?.percentage ?? 0)} animated aria-label={`${title}: progress of the run`} />
      </Progress.Root>
      <Group justify="space-between" gap="xs">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {data?.message || `${phase} …`}
        </Text>
        {data?.run_id && (
          <Anchor component={Link} to={paths.run(data.run_id)} size="sm">
            Watch this run
          </Anchor>
        )}
      </Group>
      <VisuallyHidden role="status">{`${title}: ${phase}`}</VisuallyHidden>
    </Stack>
  )
}
