import { ActionIcon, Anchor, Menu, Popover, Stack, Text, Tooltip } from '@mantine/core'
import { notify } from '../../components/notify'
import { IconDots, IconEdit, IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward, IconTrash } from '@tabler/icons-react'
import { Link } from 'react-router'
import { ProblemError, sentence } from '../../api/errors'
import { paths } from '../../paths'
import { useRunNow, type BulkAction, type Schedule } from './queries'

/** What somebody wants done, before they have agreed to what it means. */
export interface Ask {
  action: BulkAction
  ids: number[]
  /** The one schedule that it is about, when it was asked for in its row. */
  only?: { schedule: Schedule; name: string }
}

interface RowActionsProps {
  schedule: Schedule
  name: string
  onAsk: (ask: Ask) => void
}

/** What can be done with one schedule. Running starts at once; the rest asks first. */
export function RowActions({ schedule, name, onAsk }: RowActionsProps) {
  const run = useRunNow()
  const ask = (action: BulkAction) => onAsk({ action, ids: [schedule.id], only: { schedule, name } })
  const start = () =>
    run.mutate(schedule.id, {
      onSuccess: () => notify(`${name} is running now.`),
    })
  return (
    <>
      <Popover
        opened={run.isError}
        onClose={run.reset}
        onDismiss={run.reset}
        width={280}
        withArrow
        position="bottom-end"
        trapFocus={false}
      >
        <Popover.Target>
          <Tooltip label="Run now" disabled={run.isError}>
            <ActionIcon variant="subtle" size={40} aria-label={`Run ${name} now`} onClick={start} loading={run.isPending}>
              <IconPlayerPlay size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown role="alert" aria-label={`${name} was not started`}>
          <Stack gap={6}>
            <Text size="sm">{sentence(run.error)}</Text>
            {run.error instanceof ProblemError && run.error.runId !== undefined && (
              <Anchor component={Link} to={paths.run(run.error.runId)} size="sm">
                See the run that is going
              </Anchor>
            )}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={40} aria-label={`More for ${name}`}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={paths.editSchedule(schedule.id)} leftSection={<IconEdit size={16} aria-hidden />}>
            Edit
          </Menu.Item>
          {schedule.enabled ? (
            <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => ask('pause')}>
              Pause
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerSkipForward size={16} aria-hidden />} onClick={() => ask('resume')}>
              Resume
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => ask('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
