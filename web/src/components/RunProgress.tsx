import { Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import type { Schemas } from '../api/client'
import { count } from '../outcomes'
import { useSeconds } from '../time/now'
import { duration } from '../time/zone'

const phases: Record<Schemas['Progress']['phase'], string> = {
  not_started: 'Waiting to start',
  initializing: 'Starting',
  logging_in: 'Signing in to the portal',
  scraping: 'Reading the portal',
  saving: 'Storing what was read',
  completed: 'Done',
  error: 'Stopped',
}

const things: Record<string, string> = { dispensers: 'site', work_orders: 'work order', filters: 'item' }

/** How far a run is: the bar, the phase in words, the counts. Only a new phase is announced. */
export function RunProgress({ progress }: { progress: Schemas['Progress'] }) {
  const now = useSeconds()
  const { phase, message, percentage, started_at, work_orders_found: found, work_orders_processed: read } = progress
  const thing = things[progress.schedule_type] ?? 'item'
  const text = phases[phase]
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{message || text}</Text>
        <Text size="sm" c="dimmed">
          {found > 0 && `${read.toLocaleString()} of ${count(found, thing)} · `}
          {started_at && `${duration(Math.round(Math.max(0, (now.getTime() - Date.parse(started_at)) / 1000)))} so far`}
        </Text>
      </Group>
      <Progress.Root size="lg">
        <Progress.Section value={Math.max(percentage, 2)} animated aria-label={`${text}: ${Math.round(percentage)} %`} />
      </Progress.Root>
      <VisuallyHidden role="status">{text}</VisuallyHidden>
    </Stack>
  )
}
