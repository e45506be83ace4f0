import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconRefresh, IconTrash } from '@tabler/icons-react'
import { useNavigate } from 'react-router'
import type { Schemas } from '../../api/client'
import { Confirm } from '../../components/Confirm'
import { ReasonButton } from '../../components/ReasonButton'
import { paths } from '../../paths'
import { NotStarted } from '../schedule/Actions'
import { CancelRun } from './CancelRun'
import { adviceFor } from './words'
import { useDeleteRun, useStart, type Run } from './queries'

/** What one can do with a run. */
export function Actions({ run, schedule }: { run: Run; schedule: Schemas['Schedule'] | undefined }) {
  const start = useStart()
  const navigate = useNavigate()
  const going = run.completed_at === null
  return (
    <Stack gap="xs" w="100%">
      <Group gap="xs">
        {going ? (
          <CancelRun id={run.id} by={run.cancel_requested_by} />
        ) : (
          <>
            <ReasonButton
              variant={adviceFor(run)?.signIn || (run.outcome === 'held' && !run.decision) ? 'default' : undefined}
              leftSection={<IconRefresh size={17} aria-hidden />}
              loading={start.isPending}
              reason={schedule ? undefined : 'Its schedule was deleted.'}
              onClick={() =>
                schedule &&
                start.mutate(
                  { id: schedule.id, force: run.options.force, work_order_ids: run.options.work_order_ids },
                  { onSuccess: (started) => void navigate(paths.run(started.run_id)) },
                )
              }
            >
              Run again
            </ReasonButton>
            <DeleteRun id={run.id} held={run.outcome === 'held' && run.decision === null} back={run.schedule_id} />
          </>
        )}
      </Group>
      {start.isError && <NotStarted error={start.error} />}
    </Stack>
  )
}

function DeleteRun({ id, held, back }: { id: number; held: boolean; back: number | null }) {
  const [opened, { open, close }] = useDisclosure(false)
  const remove = useDeleteRun()
  const navigate = useNavigate()
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={17} aria-hidden />} onClick={open}>
        Delete from history …
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title="Delete this run from the history?"
        action="Delete run"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(id, {
            onSuccess: () => {
              notifications.show({ message: 'The run was deleted from the history.' })
              void navigate(back === null ? paths.runs() : paths.schedule(back), { replace: true })
            },
          })
        }
      >
        <Text size="sm">
          <strong>Goes:</strong> this page with its steps, changes and pictures.
          {held && ' Its held result goes, too, and cannot be accepted any more.'}
        </Text>
        <Text size="sm">
          <strong>Stays:</strong> what the run has stored, and its slot’s mark.
        </Text>
      </Confirm>
    </>
  )
}
