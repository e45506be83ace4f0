import { Anchor, Group, Paper, Stack, Title } from '@mantine/core'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { RunProgress } from '../../components/RunProgress'
import { paths } from '../../paths'
import { CancelRun } from '../run/CancelRun'
import { useRun } from '../run/queries'

/** The run that is going. */
export function LiveRun({ progress }: { progress: Schemas['Progress'] }) {
  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="live">
      <Stack gap="sm">
        <Title order={2} size="h4" id="live">
          Running now
        </Title>
        <RunProgress progress={progress} />
        {progress.run_id ? <Links id={progress.run_id} /> : null}
      </Stack>
    </Paper>
  )
}

function Links({ id }: { id: number }) {
  const run = useRun(id)
  return (
    <Group gap="md">
      <CancelRun id={id} by={run.data?.cancel_requested_by} />
      <Anchor component={Link} to={paths.run(id)} size="sm">
        Open this run
      </Anchor>
    </Group>
  )
}
