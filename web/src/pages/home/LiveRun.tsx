import { Anchor, Stack, Text } from '@mantine/core'
import { useEffect } from 'react'
import { Link } from 'react-router'
import { RunProgress } from '../../components/RunProgress'
import { paths } from '../../paths'
import { useProgress } from './queries'

interface LiveRunProps {
  scheduleId: number
  /** The run has ended; what is on the page should be asked for again. */
  onEnd: () => void
}

/** How far a run is, second by second. */
export function LiveRun({ scheduleId, onEnd }: LiveRunProps) {
  const progress = useProgress(scheduleId)
  const data = progress.isFetchedAfterMount ? progress.data : undefined
  const ended = data !== undefined && data.status !== 'in_progress'
  useEffect(() => {
    if (ended) onEnd()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when it ends
  }, [ended])
  if (!data) return <Text size="sm">About to start …</Text>
  return (
    <Stack gap={6}>
      <RunProgress progress={data} />
      {data.run_id && (
        <Anchor component={Link} to={paths.run(data.run_id)} size="sm">
          Watch this run
        </Anchor>
      )}
    </Stack>
  )
}
