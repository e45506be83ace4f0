import { Button, CloseButton, Group, Paper, Text } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward, IconTrash } from '@tabler/icons-react'
import { count } from '../../outcomes'
import type { BulkAction } from './queries'
import classes from './Schedules.module.css'

interface BulkBarProps {
  selected: number
  /** Of these, how many the list does not show at the moment. */
  hidden: number
  /** All that match the filters: how many, or undefined while more may follow; null when all are selected. */
  onSelectMatching?: () => void
  gathering: boolean
  onAct: (action: BulkAction) => void
  onClear: () => void
}

const acts = [
  { action: 'run', label: 'Run now', Icon: IconPlayerPlay },
  { action: 'pause', label: 'Pause', Icon: IconPlayerPause },
  { action: 'resume', label: 'Resume', Icon: IconPlayerSkipForward },
  { action: 'delete', label: 'Delete', Icon: IconTrash },
] as const

/** How many are selected and what can be done with them. Each button first shows what it would do. */
export function BulkBar({ selected, hidden, onSelectMatching, gathering, onAct, onClear }: BulkBarProps) {
  return (
    <Paper className={classes.bar} withBorder shadow="md" p="xs" role="region" aria-label="Selected schedules">
      <Group justify="space-between" gap="xs">
        <Group gap={6} wrap="nowrap">
          <CloseButton aria-label="Select none" onClick={onClear} size="lg" />
          <Text size="sm" fw={600} role="status">
            {count(selected, 'schedule')} selected
            {hidden > 0 && (
              <Text span size="sm" c="dimmed" fw={400}>
                {' '}
                ({hidden.toLocaleString()} not in this list)
              </Text>
            )}
          </Text>
          {onSelectMatching && (
            <Button variant="subtle" size="compact-sm" h={36} onClick={onSelectMatching} loading={gathering}>
              Select all that match
            </Button>
          )}
        </Group>
        <Group gap={6} grow preventGrowOverflow={false} style={{ flexGrow: 1, maxWidth: 560 }}>
          {acts.map(({ action, label, Icon }) => (
            <Button
              key={action}
              h={40}
              px="xs"
              variant="default"
              c={action === 'delete' ? 'var(--mantine-color-error)' : undefined}
              leftSection={<Icon size={16} aria-hidden />}
              onClick={() => onAct(action)}
            >
              {label} …
            </Button>
          ))}
        </Group>
      </Group>
    </Paper>
  )
}
