import { Group, Select, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useNow } from '../../time/now'
import { allZones, browserZone, clock, zoneName } from '../../time/zone'
import type { Fields } from './fields'

const say = (zone: string) => zone.replaceAll('_', ' ')

/** The zone in which hours, days, dates and times are meant, with the time it is there. */
export function ZoneField({ form, set, errors }: Fields) {
  const now = useNow()
  const zones = useMemo(() => {
    const all = allZones()
    // An older name that the browser lists under another one stays as it is.
    const known = [...new Set([browserZone, form.zone, ...all])]
    return known.map((zone) => ({ value: zone, label: say(zone) }))
  }, [form.zone])
  return (
    <Select
      data-field="timezone"
      label="Time zone"
      description={`All hours, days and dates of this schedule are meant there. It is ${clock(now, form.zone)} ${zoneName(now, form.zone)} there now.`}
      searchable
      allowDeselect={false}
      limit={80}
      nothingFoundMessage="No such zone. Try the name of a large city nearby."
      data={zones}
      value={form.zone}
      onChange={(zone) => zone && set({ zone })}
      error={errors.timezone}
      filter={({ options, search }) => {
        const words = search.toLowerCase().replaceAll('_', ' ').split(/\s+/)
        return options.filter(
          (option) => 'label' in option && words.every((word) => String(option.label).toLowerCase().includes(word)),
        )
      }}
      renderOption={({ option }) => (
        <Group justify="space-between" wrap="nowrap" w="100%" gap="sm">
          <span>{say(option.value)}</span>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {clock(now, option.value)} {zoneName(now, option.value)}
          </Text>
        </Group>
      )}
      maw={460}
    />
  )
}
