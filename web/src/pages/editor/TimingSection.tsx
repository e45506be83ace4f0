import { Button, Chip, Group, Input, NumberInput, SegmentedControl, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CronField } from './CronField'
import type { Fields } from './fields'
import { HoursField } from './HoursField'
import { intervals } from './presets'
import { Section } from './Section'
import { ZoneField } from './ZoneField'

/** When it runs: again and again, or at set times; in which hours, and of which place. */
export function TimingSection(fields: Fields) {
  const { form, set } = fields
  const limited = form.hours !== undefined || form.days.length > 0
  const [hours, setHours] = useState(false)
  return (
    <Section title="When it runs">
      <SegmentedControl
        aria-label="How its times are given"
        value={form.mode}
        onChange={(mode) => set({ mode: mode as typeof form.mode })}
        data={[
          { value: 'interval', label: 'Again and again' },
          { value: 'cron', label: 'At set times' },
        ]}
        styles={{ label: { paddingBlock: 9 } }}
        style={{ alignSelf: 'flex-start' }}
      />
      {form.mode === 'interval' ? <IntervalField {...fields} /> : <CronField {...fields} />}
      {form.mode === 'interval' || limited || hours ? (
        <HoursField {...fields} />
      ) : (
        <Button variant="subtle" h={40} style={{ alignSelf: 'flex-start' }} onClick={() => setHours(true)}>
          Leave out some hours or days
        </Button>
      )}
      <ZoneField {...fields} />
    </Section>
  )
}

function IntervalField({ form, set, errors }: Fields) {
  const common = intervals.some(({ minutes }) => minutes === form.minutes)
  const [own, setOwn] = useState(!common)
  const shown = own || !common
  return (
    <Stack gap="xs" data-field={shown ? undefined : 'interval_hours'}>
      <Text size="sm" fw={500} id="interval-label">
        Every
      </Text>
      <Chip.Group
        value={shown ? 'own' : String(form.minutes)}
        onChange={(value) => {
          setOwn(value === 'own')
          if (value !== 'own') set({ minutes: Number(value) })
        }}
      >
        <Group gap={6} role="radiogroup" aria-labelledby="interval-label">
          {intervals.map(({ minutes, label }) => (
            <Chip key={minutes} value={String(minutes)} styles={{ label: { height: 40 } }}>
              {label}
            </Chip>
          ))}
          <Chip value="own" styles={{ label: { height: 40 } }}>
            Other
          </Chip>
        </Group>
      </Chip.Group>
      {shown ? (
        <NumberInput
          data-field="interval_hours"
          aria-label="Minutes from run to run"
          suffix=" minutes"
          min={1}
          max={1440}
          clampBehavior="none"
          allowNegative={false}
          value={form.minutes ?? ''}
          onChange={(value) => set({ minutes: value === '' ? undefined : Number(value) })}
          error={errors.interval_hours}
          w={180}
        />
      ) : (
        errors.interval_hours && <Input.Error role="alert">{errors.interval_hours}</Input.Error>
      )}
    </Stack>
  )
}
