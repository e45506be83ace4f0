import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { Time } from '../../components/Time'
import { paths } from '../../paths'
import { duration, inClock } from '../../time/zone'
import type { Slot } from './days'

const atOnce = 12

/** Slots one by one: when, what became of each, why, and the run. */
export function SlotRows({ slots, zone }: { slots: Slot[]; zone: string }) {
  const [shown, setShown] = useState(atOnce)
  return (
    <Stack gap="xs">
      {slots.slice(0, shown).map((slot) => (
        <SlotRow key={`${slot.at}${slot.run_id}`} slot={slot} zone={zone} bare={slots.length > 1} />
      ))}
      {slots.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + 50)}>
          Show more ({slots.length - shown} left)
        </Button>
      )}
    </Stack>
  )
}

function SlotRow({ slot, zone, bare }: { slot: Slot; zone: string; bare: boolean }) {
  return (
    <div>
      <Group gap="xs" justify="space-between">
        <Time at={slot.at} zone={zone} bare={bare} size="sm" fw={600} />
        <OutcomeBadge outcome={slot.state === 'ran' ? (slot.outcome ?? 'ran') : slot.state} />
      </Group>
      {slot.message && (
        <Text size="sm" mt={2} style={{ overflowWrap: 'anywhere' }}>
          {inClock(slot.message)}
        </Text>
      )}
      {slot.extra && (
        <Text size="xs" c="dimmed">
          A run beside the slots: a first run, a try after failures, or one from before a change.
        </Text>
      )}
      {slot.lag_seconds !== null && slot.lag_seconds >= 2 && (
        <Text size="xs" c="dimmed">
          Started {duration(slot.lag_seconds)} after it was due.
        </Text>
      )}
      {slot.run_id !== null && (
        <Anchor component={Link} to={paths.run(slot.run_id)} size="sm">
          Open this run
        </Anchor>
      )}
    </div>
  )
}
