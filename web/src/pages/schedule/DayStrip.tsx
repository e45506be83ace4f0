import { Group, Popover, ScrollArea, Stack, Text } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { word } from '../../outcomes'
import { clock } from '../../time/zone'
import { dayName, marks, summary, ticks, type Day, type Mark } from './days'
import type { Range } from './range'
import { Sign } from './Sign'
import { SlotRows } from './SlotRows'
import classes from './Timeline.module.css'

interface DayStripProps {
  day: Day
  zone: string
  now: Date
  /** What was asked for; the rest of the day is hatched. */
  range: Range
}

/** One local day from midnight to midnight with a mark at each slot. One stop for the Tab key; arrows go from mark to mark. */
export function DayStrip({ day, zone, now, range }: DayStripProps) {
  const { ref, width } = useElementSize()
  // The line between what was and what comes moves by whole minutes.
  const minute = Math.floor(now.getTime() / 60_000) * 60_000
  const shown = useMemo(() => marks(day, width || 1000, 15, minute), [day, width, minute])
  const hours = useMemo(() => ticks(day, zone, width && width < 600 ? 6 : 3), [day, zone, width])
  const [opened, setOpened] = useState<string>()
  const [focus, setFocus] = useState<string>()
  const open = shown.find((mark) => mark.key === opened)
  const stop = shown.find((mark) => mark.key === focus) ?? shown.find((mark) => mark.to >= now.getTime()) ?? shown.at(-1)
  const place = (moment: number) => `${((moment - day.from) / (day.to - day.from)) * 100}%`
  const { name, note } = dayName(day, zone, now)

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const here = shown.findIndex((mark) => mark.key === stop?.key)
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: shown.length - 1 }[event.key]
    const next = to === undefined ? undefined : shown[to]
    if (!next || !(event.target instanceof HTMLButtonElement) || !event.target.dataset.mark) return
    event.preventDefault()
    setFocus(next.key)
    const buttons = event.currentTarget.querySelectorAll<HTMLButtonElement>('[data-mark]')
    for (const button of buttons) if (button.dataset.mark === next.key) button.focus()
  }

  return (
    <Stack gap={4}>
      <Group gap="xs" align="baseline">
        <Text fw={600} size="sm">
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {summary(day.slots, now, day.to <= now.getTime())}
        </Text>
        {note && (
          <Text size="sm" fw={600}>
            {note}
          </Text>
        )}
      </Group>
      <div>
        <div ref={ref} className={classes.strip} role="group" aria-label={`Slots of ${name}`} onKeyDown={onKeyDown}>
          {hours.map((tick) => (
            <span key={tick.at} className={classes.tick} style={{ left: place(tick.at) }} />
          ))}
          {range.from > day.from && <span className={classes.outside} style={{ left: 0, width: place(range.from) }} />}
          {range.to < day.to && <span className={classes.outside} style={{ left: place(range.to), right: 0 }} />}
          {now.getTime() >= day.from && now.getTime() < day.to && (
            <span className={classes.now} style={{ left: place(now.getTime()) }} title={`Now, ${clock(now, zone)}`} />
          )}
          {shown.map((mark) => (
            <button
              key={mark.key}
              type="button"
              data-mark={mark.key}
              className={`${classes.mark} ${mark.slots.length > 1 ? classes.several : ''}`}
              style={{ left: place((mark.from + mark.to) / 2) }}
              tabIndex={mark === stop ? 0 : -1}
              aria-label={markLabel(mark, zone, now)}
              title={markLabel(mark, zone, now)}
              aria-expanded={mark.key === opened}
              aria-haspopup="dialog"
              onFocus={() => setFocus(mark.key)}
              onClick={() => setOpened(mark.key === opened ? undefined : mark.key)}
            >
              <Sign kind={mark.kind} size={mark.slots.length > 1 ? 12 : 14} />
            </button>
          ))}
          <Popover
            opened={open !== undefined}
            onChange={(stays) => {
              if (!stays) setOpened(undefined)
            }}
            position="bottom"
            withArrow
            trapFocus
            returnFocus
            width={330}
            shadow="md"
            withRoles={false}
          >
            <Popover.Target>
              <span className={classes.anchor} style={{ left: open ? place((open.from + open.to) / 2) : 0 }} />
            </Popover.Target>
            <Popover.Dropdown
              role="dialog"
              aria-label={open ? markLabel(open, zone, now) : undefined}
              tabIndex={-1}
              data-autofocus
            >
              {open && (
                <ScrollArea.Autosize mah={300} type="auto" offsetScrollbars>
                  {open.slots.length > 1 && (
                    <Text size="sm" c="dimmed" mb="xs">
                      {summary(open.slots, now)}
                    </Text>
                  )}
                  <SlotRows slots={open.slots} zone={zone} />
                </ScrollArea.Autosize>
              )}
            </Popover.Dropdown>
          </Popover>
        </div>
        <div className={classes.hours} aria-hidden>
          {hours.map((tick) => (
            <span key={tick.at} style={{ left: place(tick.at) }}>
              {clock(new Date(tick.at), zone).replace(':00', '')}
            </span>
          ))}
        </div>
      </div>
    </Stack>
  )
}

/** "8:02 AM: Succeeded", "8:00 AM to 8:20 AM: 20 ran (1 failed)". */
export function markLabel(mark: Mark, zone: string, now: Date): string {
  const first = clock(new Date(mark.from), zone)
  const [one] = mark.slots
  if (mark.slots.length === 1 && one) return `${first}: ${word(one.state === 'ran' ? (one.outcome ?? 'ran') : one.state).label}`
  return `${first} to ${clock(new Date(mark.to), zone)}: ${summary(mark.slots, now)}`
}
