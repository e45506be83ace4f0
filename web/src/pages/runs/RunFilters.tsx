import { Box, Button, Chip, Collapse, Group, MultiSelect, Select, TextInput } from '@mantine/core'
import { IconFilter, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { scheduleName, titles, typeOrder } from '../../components/counts'
import { triggers, word } from '../../outcomes'
import { none, onlyProblems, outcomes, problems, triggerNames, write, type RunFilters as Filters } from './filters'

interface RunFiltersProps {
  filters: Filters
  onChange: (filters: Filters) => void
  schedules: Schemas['Schedule'][]
  zone: string
}

/** What to list. On a phone the fields fold away behind a button that says how many are set. */
export function RunFilters({ filters, onChange, schedules, zone }: RunFiltersProps) {
  const [open, setOpen] = useState(false)
  const set = (some: Partial<Filters>) => onChange({ ...filters, ...some })
  const count = [filters.types, filters.outcomes, filters.triggers, filters.from, filters.to, filters.schedule ? 'x' : ''].filter(
    (one) => one.length > 0,
  ).length
  const fields = <Fields filters={filters} set={set} schedules={schedules} zone={zone} />
  return (
    <search aria-label="Filter the runs">
      <Group gap="xs">
        <Chip checked={onlyProblems(filters)} onChange={(on) => set({ outcomes: on ? problems : [] })} size="md" variant="light">
          Only problems
        </Chip>
        <Button
          hiddenFrom="sm"
          mih={40}
          variant="default"
          leftSection={<IconFilter size={16} aria-hidden />}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {count > 0 ? `Filters (${count})` : 'Filters'}
        </Button>
        {count > 0 && (
          <Button
            mih={40}
            variant="subtle"
            leftSection={<IconX size={16} aria-hidden />}
            onClick={() => onChange(none)}
            disabled={write(filters).size === 0}
          >
            Clear filters
          </Button>
        )}
      </Group>
      <Collapse expanded={open} hiddenFrom="sm" keepMounted={false}>
        {fields}
      </Collapse>
      <Box visibleFrom="sm">{fields}</Box>
    </search>
  )
}

interface FieldsProps {
  filters: Filters
  set: (some: Partial<Filters>) => void
  schedules: Schemas['Schedule'][]
  zone: string
}

function Fields({ filters, set, schedules, zone }: FieldsProps) {
  const everyProblem = onlyProblems(filters)
  const zoneWords = zone.replaceAll('_', ' ')
  return (
    <Group gap="sm" align="flex-end" mt="sm">
      <Select
        label="What"
        placeholder="Everything"
        clearable
        w={{ base: '100%', sm: 140 }}
        data={typeOrder.map((type) => ({ value: type, label: titles[type] }))}
        value={filters.types[0] ?? null}
        onChange={(type) => set({ types: type ? [type] : [], schedule: undefined })}
      />
      {(schedules.length > 3 || filters.schedule) && (
        <Select
          label="Schedule"
          placeholder="All schedules"
          clearable
          searchable
          w={{ base: '100%', sm: 170 }}
          data={schedules.map((schedule) => ({ value: String(schedule.id), label: scheduleName(schedule) }))}
          value={filters.schedule ? String(filters.schedule) : null}
          onChange={(id) => set({ schedule: id ? Number(id) : undefined })}
        />
      )}
      <MultiSelect
        label="How it ended"
        // All problems together would fill the field; one word says it, and choosing an end replaces it.
        placeholder={everyProblem ? 'Every kind of problem' : filters.outcomes.length ? undefined : 'Any way'}
        clearable
        w={{ base: '100%', sm: 200 }}
        data={outcomes.map((outcome) => ({ value: outcome, label: word(outcome).label }))}
        value={everyProblem ? [] : filters.outcomes}
        onChange={(chosen) => set({ outcomes: outcomes.filter((one) => chosen.includes(one)) })}
      />
      <MultiSelect
        label="Started"
        placeholder={filters.triggers.length ? undefined : 'In any way'}
        clearable
        w={{ base: '100%', sm: 150 }}
        data={triggerNames.map((trigger) => ({ value: trigger, label: triggers[trigger] }))}
        value={filters.triggers}
        onChange={(chosen) => set({ triggers: triggerNames.filter((one) => chosen.includes(one)) })}
      />
      <Group gap="sm" wrap="nowrap" w={{ base: '100%', sm: 'auto' }}>
        <TextInput
          label="From"
          type="date"
          w={{ base: 'calc(50% - 6px)', sm: 145 }}
          max={filters.to || undefined}
          value={filters.from}
          title={`Days in ${zoneWords}`}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="date"
          w={{ base: 'calc(50% - 6px)', sm: 145 }}
          min={filters.from || undefined}
          value={filters.to}
          title={`Days in ${zoneWords}`}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </Group>
    </Group>
  )
}
