import { Button, Menu, Tooltip } from '@mantine/core'
import { IconChevronDown, IconPlayerPlay } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import { scheduleName } from '../../components/counts'

interface RunNowProps {
  job: Schemas['HomeJob']
  running: boolean
  pending: boolean
  onRun: (id: number) => void
}

/** Starts a run: of the only schedule at once, of several after a choice. */
export function RunNow({ job, running, pending, onRun }: RunNowProps) {
  const free = job.schedules.filter((schedule) => !schedule.held)
  const reason = running ? 'A run is going.' : free.length === 0 ? (job.schedules[0]?.held_reason ?? undefined) : undefined
  const several = free.length > 1
  const words = running ? 'Running …' : 'Run now'
  const button = (
    <Button
      size="md"
      variant="light"
      leftSection={<IconPlayerPlay size={17} aria-hidden />}
      rightSection={several && !reason ? <IconChevronDown size={16} aria-hidden /> : undefined}
      loading={pending}
      // Not disabled in the sense of HTML: the reason stays reachable by keyboard.
      data-disabled={reason ? true : undefined}
      aria-disabled={reason ? true : undefined}
      aria-label={`${words}: ${job.title.toLowerCase()}`}
      onClick={reason || several ? undefined : () => free[0] && onRun(free[0].id)}
    >
      {words}
    </Button>
  )
  if (reason)
    return (
      <Tooltip label={reason} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
        {button}
      </Tooltip>
    )
  if (!several) return button
  return (
    <Menu position="bottom-end">
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Which schedule?</Menu.Label>
        {free.map((schedule) => (
          <Menu.Item key={schedule.id} onClick={() => onRun(schedule.id)} maw={300} style={{ overflowWrap: 'anywhere' }}>
            {scheduleName(schedule)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
