import { Button, Card, Collapse, Group, NumberInput, Radio, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconChevronDown } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import type { Fields } from './fields'
import { settingsOf } from './settings'
import { SettingsFields } from './SettingsFields'
import '@mantine/dates/styles.css'

interface MoreSectionProps extends Fields {
  type: Schemas['JobTypeInfo']
  opened: boolean
  onToggle: () => void
}

/** What one seldom needs: folded away, with its summary in view. */
export function MoreSection({ opened, onToggle, ...fields }: MoreSectionProps) {
  const { form, type } = fields
  const set = summary(fields)
  return (
    <Card withBorder component="section" aria-label="More" padding="md" style={{ overflow: 'visible' }}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={2} size="h4">
            More
          </Title>
          {!opened && (
            <Text size="sm" c="dimmed">
              {set.length > 0
                ? `Set: ${set.join(', ')}.`
                : 'Dates without runs, start and end, freshness, clock changes, missed runs, settings.'}
            </Text>
          )}
        </div>
        <Button
          variant="default"
          h={40}
          style={{ flexShrink: 0 }}
          aria-expanded={opened}
          rightSection={<IconChevronDown size={16} aria-hidden style={{ rotate: opened ? '180deg' : undefined }} />}
          onClick={onToggle}
        >
          {opened ? 'Show less' : 'Show more'}
        </Button>
      </Group>
      <Collapse expanded={opened} keepMounted={false}>
        <Stack gap="lg" pt="md">
          <Dates {...fields} />
          <Policies {...fields} />
          {settingsOf(type.settings_schema).length > 0 && (
            <Stack gap="md" role="group" aria-label={`Settings of ${type.title}`}>
              <Title order={3} size="h5">
                {type.title}
              </Title>
              <SettingsFields key={form.type} {...fields} />
            </Stack>
          )}
        </Stack>
      </Collapse>
    </Card>
  )
}

/** What is not as it usually is. */
function summary({ form, type }: MoreSectionProps | Omit<MoreSectionProps, 'opened' | 'onToggle'>): string[] {
  const set: string[] = []
  if (form.skipDates.length > 0) set.push('dates without runs')
  if (form.startsAt) set.push('start')
  if (form.endsAt) set.push('end')
  if (form.maxAge !== undefined) set.push('freshness')
  if (form.dst !== 'twice') set.push('clock changes')
  if (form.catchup !== 'last') set.push('missed runs')
  if (form.overlap !== 'skip') set.push('overlapping runs')
  if (JSON.stringify(form.settings) !== JSON.stringify(type.defaults)) set.push('settings')
  return set
}

function Dates({ form, set, errors }: Fields) {
  return (
    <Stack gap="md">
      <div data-field="skip_dates">
        <DatePickerInput
          type="multiple"
          // The two ids belong together: the calendar is named by the field that opens it.
          id="skip-dates"
          popoverProps={{ id: 'skip-dates' }}
          ariaLabels={{
            previousMonth: 'Month before',
            nextMonth: 'Next month',
            monthLevelControl: 'Choose a month',
            previousYear: 'Year before',
            nextYear: 'Next year',
            yearLevelControl: 'Choose a year',
            previousDecade: 'Ten years before',
            nextDecade: 'Next ten years',
          }}
          hideOutsideDates
          // Red weekend days are too pale to read, and mean nothing here.
          weekendDays={[]}
          label="Dates without runs"
          description="Holidays, for example. Nothing runs on these days."
          placeholder="None"
          valueFormat="MMM D, YYYY"
          clearable
          clearButtonProps={{ 'aria-label': 'Remove all dates' }}
          value={form.skipDates}
          onChange={(dates) => set({ skipDates: [...dates].sort() })}
          error={errors.skip_dates}
          styles={{ input: { height: 'auto', minHeight: 40, whiteSpace: 'normal' } }}
          maw={460}
        />
      </div>
      <SimpleGrid cols={{ base: 1, xs: 2 }} maw={460}>
        <TextInput
          data-field="starts_at"
          type="datetime-local"
          label="Not before"
          description="Empty: from now on"
          value={form.startsAt}
          error={errors.starts_at}
          onChange={(event) => set({ startsAt: event.currentTarget.value.slice(0, 16) })}
        />
        <TextInput
          data-field="ends_at"
          type="datetime-local"
          label="Not after"
          description="Empty: it never ends"
          value={form.endsAt}
          error={errors.ends_at}
          onChange={(event) => set({ endsAt: event.currentTarget.value.slice(0, 16) })}
        />
      </SimpleGrid>
      <NumberInput
        data-field="max_age_hours"
        label="Data is late when older than"
        description="Empty: it is late when a planned run brought nothing."
        suffix=" hours"
        allowNegative={false}
        value={form.maxAge ?? ''}
        error={errors.max_age_hours}
        onChange={(value) => set({ maxAge: value === '' ? undefined : Number(value) })}
        maw={460}
        styles={{ wrapper: { maxWidth: 200 } }}
      />
    </Stack>
  )
}

function Policies({ form, set, errors }: Fields) {
  return (
    <Stack gap="md">
      <Radio.Group
        data-field="catchup"
        label="When the scheduler itself was away"
        error={errors.catchup}
        value={form.catchup}
        onChange={(value) => set({ catchup: value as typeof form.catchup })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="last" label="Make up for the last missed run" description="If it is no older than one interval." />
          <Radio value="none" label="Leave missed runs out" />
          <Radio value="all" label="Make up for every missed run" description="One after the other." />
        </Stack>
      </Radio.Group>
      <Radio.Group
        data-field="overlap"
        label="When a run is due while the one before is still going"
        error={errors.overlap}
        value={form.overlap}
        onChange={(value) => set({ overlap: value as typeof form.overlap })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="skip" label="Leave it out" description="The next one runs at its time." />
          <Radio
            value="buffer_one"
            label="Run once more right after it"
            description={
              form.catchup === 'all'
                ? 'As every missed run is made up for, each of them waits and runs.'
                : 'However many were due meanwhile.'
            }
          />
        </Stack>
      </Radio.Group>
      <Radio.Group
        data-field="dst_policy"
        label="When clocks go back and an hour comes twice"
        error={errors.dst_policy}
        value={form.dst}
        onChange={(value) => set({ dst: value as typeof form.dst })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="twice" label="Run in both" />
          <Radio value="once" label="Run in the first only" />
        </Stack>
      </Radio.Group>
      <NumberInput
        data-field="offset_seconds"
        label="Offset"
        description="Moves every run by so many seconds, so that schedules do not all start in the same moment. Empty: one is chosen for you."
        suffix=" seconds"
        allowNegative={false}
        allowDecimal={false}
        value={form.offset ?? ''}
        error={errors.offset_seconds}
        onChange={(value) => set({ offset: value === '' ? undefined : Number(value) })}
        maw={460}
        styles={{ wrapper: { maxWidth: 200 } }}
      />
    </Stack>
  )
}
