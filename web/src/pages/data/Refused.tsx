import { Anchor, Stack } from '@mantine/core'
import { Link } from 'react-router'
import { ProblemError } from '../../api/errors'
import { ErrorNote } from '../../components/ErrorNote'
import { paths } from '../../paths'

/** Why something was not done, with the way to the run that is in the way. */
export function Refused({ error, title }: { error: unknown; title?: string }) {
  const run = error instanceof ProblemError ? error.runId : undefined
  return (
    <Stack gap={4}>
      <ErrorNote error={error} title={title} />
      {run !== undefined && (
        <Anchor component={Link} to={paths.run(run)} size="sm">
          Watch the run that is going
        </Anchor>
      )}
    </Stack>
  )
}
