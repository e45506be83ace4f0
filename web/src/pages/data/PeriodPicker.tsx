import { Group, SegmentedControl, TextInput } from '@mantine/core'
import classes from './data.module.css'
import type { Period } from './needs'

interface PeriodPickerProps {
  period: Period
  set: (name: string, value: string) => void
}

/** Which days to pack for. */
export function PeriodPicker({ period, set }: PeriodPickerProps) {
  return (
    <Group gap="sm" align="flex-end" className={classes.screen}>
      <SegmentedControl
        aria-label="Period"
        value={period.name}
        onChange={(value) => set('period', value === 'this-week' ? '' : value)}
        data={[
          { value: 'this-week', label: 'This week' },
          { value: 'next-week', label: 'Next week' },
          { value: 'all', label: 'All' },
          { value: 'dates', label: 'Dates' },
        ]}
        styles={{ label: { paddingBlock: 8 } }}
      />
      {period.name === 'dates' && (
        <Group gap="xs" wrap="nowrap">
          <TextInput
            type="date"
            label="From"
            value={period.from ?? ''}
            max={period.to}
            onChange={(event) => set('from', event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="To"
            value={period.to ?? ''}
            min={period.from}
            onChange={(event) => set('to', event.currentTarget.value)}
          />
        </Group>
      )}
    </Group>
  )
}
