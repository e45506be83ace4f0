import { Box, Collapse, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { word } from '../../outcomes'
import { clock } from '../../time/zone'
import { dayName, stretches, summary, type Day, type Mark } from './days'
import { Sign } from './Sign'
import { SlotRows } from './SlotRows'
import classes from './Timeline.module.css'

/** A day for narrow screens: one line for slots in a row that went the same way, opened to see each. */
export function DayList({ day, zone, now }: { day: Day; zone: string; now: Date }) {
  const lines = useMemo(() => stretches(day.slots), [day])
  const { name, note } = dayName(day, zone, now)
  return (
    <Stack gap={2}>
      <Text fw={600} size="sm">
        {name}
        {note && ` (${note})`}
      </Text>
      <Text size="sm" c="dimmed">
        {summary(day.slots, now, day.to <= now.getTime())}
      </Text>
      {lines.map((line) => (
        <Line key={line.key} line={line} zone={zone} />
      ))}
    </Stack>
  )
}

function Line({ line, zone }: { line: Mark; zone: string }) {
  const [open, setOpen] = useState(false)
  const [one] = line.slots
  if (!one) return null
  const n = line.slots.length
  const first = clock(new Date(line.from), zone)
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <div>
      <UnstyledButton className={classes.stretch} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Group gap="xs" wrap="nowrap">
          <Sign kind={line.kind} />
          <Text size="sm" style={{ flex: 1 }}>
            <Text span inherit fw={600}>
              {n > 1 ? `${first} – ${clock(new Date(line.to), zone)}` : first}
            </Text>{' '}
            {n > 1 && `${n} × `}
            {word(one.state === 'ran' ? (one.outcome ?? 'ran') : one.state).label}
          </Text>
          <Chevron size={16} aria-hidden />
        </Group>
      </UnstyledButton>
      <Collapse expanded={open}>
        {open && (
          <Box pl={28} py={6}>
            <SlotRows slots={line.slots} zone={zone} />
          </Box>
        )}
      </Collapse>
    </div>
  )
}
