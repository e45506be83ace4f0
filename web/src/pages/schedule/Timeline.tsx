import { ActionIcon, Button, Group, Paper, SegmentedControl, Skeleton, Stack, Text, Title, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { Loaded } from '../../components/Loaded'
import { useNow } from '../../time/now'
import { zoneName } from '../../time/zone'
import { DayList } from './DayList'
import { DayStrip } from './DayStrip'
import { daysOf, kindOf, type Slot } from './days'
import { useSlots, type Schedule } from './queries'
import { isDate, isView, rangeOf, startDate, step, tooMany, viewNames, views, type Range, type View } from './range'
import { kindNames, Legend } from './Sign'

/** What became of each slot, and which ones are to come. */
export function Timeline({ schedule }: { schedule: Schedule }) {
  const [params, setParams] = useSearchParams()
  const now = useNow()
  const zone = schedule.timezone
  const asked = params.get('view')
  const view: View = isView(asked) && !tooMany(asked, schedule.interval_hours) ? asked : 'now'
  const date = isDate(params.get('date')) ? params.get('date') : null
  const range = rangeOf(view, date, zone, now)
  const slots = useSlots(schedule.id, range.from, range.to)

  function go(next: View, to: string | null) {
    setParams(
      (old) => {
        if (next === 'now') old.delete('view')
        else old.set('view', next)
        if (to === null || next === 'now') old.delete('date')
        else old.set('date', to)
        return old
      },
      { replace: true, preventScrollReset: true },
    )
  }
  const start = date ?? startDate(view, zone, now)
  // Of a schedule without runs, before and to come, there are no slots to keep room for.
  const fruitful = schedule.last_run !== null || schedule.next_run !== null

  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="slots">
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <div>
            <Title order={2} size="h4" id="slots">
              Slots
            </Title>
            <Text size="sm" c="dimmed">
              Local time of {zone} ({zoneName(now, zone)})
            </Text>
          </div>
          <Group gap="xs">
            {view !== 'now' && (
              <Group gap={4} wrap="nowrap">
                <ActionIcon
                  variant="default"
                  size={36}
                  aria-label={`Earlier: ${viewNames[view]}`}
                  onClick={() => go(view, step(view, start, false))}
                >
                  <IconChevronLeft size={18} />
                </ActionIcon>
                <Button variant="default" disabled={date === null} onClick={() => go(view, null)}>
                  Today
                </Button>
                <ActionIcon
                  variant="default"
                  size={36}
                  aria-label={`Later: ${viewNames[view]}`}
                  onClick={() => go(view, step(view, start, true))}
                >
                  <IconChevronRight size={18} />
                </ActionIcon>
              </Group>
            )}
            <SegmentedControl
              aria-label="Days shown"
              value={view}
              onChange={(next) => go(next as View, view === 'now' ? null : date)}
              data={views.map((each) => {
                const why = tooMany(each, schedule.interval_hours)
                return {
                  value: each,
                  disabled: why !== undefined,
                  label: why ? (
                    <Tooltip label={why}>
                      <span>{viewNames[each]}</span>
                    </Tooltip>
                  ) : (
                    viewNames[each]
                  ),
                }
              })}
            />
          </Group>
        </Group>
        <Loaded
          query={slots}
          title="The slots could not be loaded"
          skeleton={<Skeleton h={fruitful ? daysOf([], range.from, range.to, zone).length * 98 + 18 : 24} />}
        >
          {(list) => <Days slots={list} range={range} zone={zone} now={now} />}
        </Loaded>
      </Stack>
    </Paper>
  )
}

function Days({ slots, range, zone, now }: { slots: Slot[]; range: Range; zone: string; now: Date }) {
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const { from, to } = range
  const days = useMemo(() => daysOf(slots, from, to, zone), [slots, from, to, zone])
  const kinds = useMemo(() => {
    const there = new Set(slots.map(kindOf))
    return (Object.keys(kindNames) as (keyof typeof kindNames)[]).filter((kind) => there.has(kind))
  }, [slots])
  // Only the view around now begins and ends within days.
  const cut = days.some((day) => day.from < from || day.to > to)
  if (slots.length === 0)
    return <Text c="dimmed">No slots in these days: the schedule was not there yet, has ended, or has no hours then.</Text>
  return (
    <Stack gap="sm">
      {days.map((day) =>
        narrow ? (
          // A long list of empty days says nothing on a small screen.
          (day.slots.length > 0 || days.length <= 7) && <DayList key={day.date} day={day} zone={zone} now={now} />
        ) : (
          <DayStrip key={day.date} day={day} zone={zone} now={now} range={range} />
        ),
      )}
      {!narrow && <Legend kinds={kinds} hatched={cut ? 'More than 24 hours away, not shown' : undefined} />}
    </Stack>
  )
}
