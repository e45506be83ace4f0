import { Button, Group, Input, NativeSelect, Stack, Text } from '@mantine/core'
import { hourName } from '../../time/zone'
import type { Fields } from './fields'
import type { Window } from './hours'
import { HoursGrid } from './HoursGrid'
import { hoursPresets } from './presets'

const starts = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: hourName(hour) }))

/** In which hours of which days it runs. */
export function HoursField({ form, set, errors }: Fields) {
  const value: Window = { hours: form.hours, days: form.days }
  const change = ({ hours, days }: Window) => set({ hours, days })
  const { start, end } = form.hours ?? { start: 0, end: 24 }
  const fix = (from: number, to: number) =>
    change({ ...value, hours: from === 0 && to === 24 ? undefined : { start: from, end: to } })
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
  const wrong = errors.active_hours ?? errors.active_days
  return (
    <Stack gap="xs" data-field={errors.active_hours ? 'active_hours' : 'active_days'}>
      <Text size="sm" fw={500}>
        In these hours
      </Text>
      <Group gap={6}>
        {hoursPresets.map((preset) => {
          const chosen = same(preset.hours, form.hours) && same(preset.days, form.days)
          return (
            <Button
              key={preset.label}
              variant={chosen ? 'light' : 'default'}
              size="xs"
              h={36}
              aria-pressed={chosen}
              onClick={() => change(preset)}
            >
              {preset.label}
            </Button>
          )
        })}
      </Group>
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label="From"
          data={starts}
          value={String(start)}
          onChange={(event) => {
            const from = Number(event.currentTarget.value)
            fix(from, end === from ? (from + 1) % 24 : end)
          }}
        />
        <NativeSelect
          label="To"
          data={Array.from({ length: 24 }, (_, at) => at + 1)
            .filter((hour) => hour !== start && !(start === 0 && hour === 0))
            .map((hour) => ({ value: String(hour), label: hourName(hour) + (hour < start ? ', next day' : '') }))}
          value={String(end === 0 ? 24 : end)}
          onChange={(event) => fix(start, Number(event.currentTarget.value))}
        />
        {form.hours && form.hours.end < form.hours.start && (
          <Text size="xs" c="dimmed" maw={260}>
            Hours past midnight (striped) belong to the day on which they begin.
          </Text>
        )}
      </Group>
      <HoursGrid value={value} onChange={change} />
      {wrong && <Input.Error role="alert">{wrong}</Input.Error>}
    </Stack>
  )
}
