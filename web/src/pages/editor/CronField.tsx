import { ActionIcon, Button, Chip, Group, Input, Menu, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconChevronDown, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Fields } from './fields'
import { dayNames, week } from './hours'
import { cronLine, cronPresets } from './presets'
import { useReadings } from './queries'

const most = 10

/** Times by cron lines: written, taken from a preset, or made from a time of day and weekdays. Each says what it means. */
export function CronField({ form, set, errors }: Fields) {
  const [settled] = useDebouncedValue(form.cron, 300)
  const lines = useMemo(() => settled.map((line) => line.trim()), [settled])
  const readings = useReadings(lines, form.zone, form.type)
  const known = readings.some((reading) => reading.error)
  const change = (at: number, line: string) => set({ cron: form.cron.map((each, other) => (other === at ? line : each)) })
  const add = (more: string[]) =>
    set({ cron: [...form.cron.filter((line) => line.trim() !== '' && !more.includes(line)), ...more].slice(0, most) })
  const full = form.cron.length >= most
  return (
    <Stack gap="sm" data-field="cron">
      <Stack gap="xs" role="group" aria-label="Cron lines">
        {form.cron.map((line, at) => {
          const current = lines[at] === line.trim()
          const reading = current ? readings[at] : undefined
          // The server counts the lines that are not empty.
          const field =
            line.trim() === '' ? undefined : `cron.${form.cron.slice(0, at).filter((each) => each.trim() !== '').length}`
          const wrong = reading?.error ?? (field && errors[field])
          return (
            <Group key={at} gap={6} wrap="nowrap" align="flex-start" data-field={field}>
              <TextInput
                aria-label={`Cron line ${at + 1}`}
                placeholder="minute hour day month weekday, such as 0 6 * * 1-5"
                spellCheck={false}
                autoComplete="off"
                style={{ flex: 1 }}
                styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', height: 40 } }}
                value={line}
                error={wrong}
                description={wrong ? undefined : (reading?.sentence ?? ' ')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                onChange={(event) => change(at, event.currentTarget.value)}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size={40}
                aria-label={`Remove cron line ${at + 1}`}
                disabled={form.cron.length === 1 && line === ''}
                onClick={() => set({ cron: form.cron.length === 1 ? [''] : form.cron.filter((_, other) => other !== at) })}
              >
                <IconTrash size={17} aria-hidden />
              </ActionIcon>
            </Group>
          )
        })}
      </Stack>
      {errors.cron && !known && <Input.Error role="alert">{errors.cron}</Input.Error>}
      <Group gap="xs">
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" h={40} rightSection={<IconChevronDown size={16} aria-hidden />} disabled={full}>
              Common times
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {cronPresets.map((preset) => (
              <Menu.Item key={preset.label} onClick={() => add(preset.lines)}>
                {preset.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          variant="default"
          h={40}
          leftSection={<IconPlus size={16} aria-hidden />}
          disabled={full}
          onClick={() => set({ cron: [...form.cron, ''] })}
        >
          Empty line
        </Button>
        {full && (
          <Text size="xs" c="dimmed">
            Ten lines are the most.
          </Text>
        )}
      </Group>
      <Maker onAdd={(line) => add([line])} disabled={full} />
    </Stack>
  )
}

/** Makes a line from a time of day and weekdays. */
function Maker({ onAdd, disabled }: { onAdd: (line: string) => void; disabled: boolean }) {
  const [time, setTime] = useState('06:00')
  const [days, setDays] = useState<string[]>(['1', '2', '3', '4', '5'])
  return (
    <Paper withBorder p="sm" role="group" aria-label="Add a time of day">
      <Group gap="sm" align="flex-end">
        <TextInput
          type="time"
          label="Add a time of day"
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
          styles={{ input: { height: 40 } }}
        />
        <Chip.Group multiple value={days} onChange={setDays}>
          <Group gap={4} role="group" aria-label="On these days">
            {week.map((day) => (
              <Chip key={day} value={String(day)} size="xs" styles={{ label: { height: 40 } }}>
                {dayNames[day]?.slice(0, 3)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Button
          variant="light"
          h={40}
          disabled={disabled || time === '' || days.length === 0}
          onClick={() => onAdd(cronLine(time, days.map(Number)))}
        >
          Add
        </Button>
      </Group>
    </Paper>
  )
}
