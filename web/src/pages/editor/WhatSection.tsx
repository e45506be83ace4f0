import { Radio, Stack, Text, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/client'
import type { Fields } from './fields'
import { Section } from './Section'

interface WhatSectionProps extends Fields {
  types: Schemas['JobTypeInfo'][]
  /** Left out where the type is settled. */
  onType?: (type: Schemas['JobTypeInfo']) => void
}

/** What is collected, and the name of the schedule. */
export function WhatSection({ form, set, errors, types, onType }: WhatSectionProps) {
  const type = types.find((each) => each.type === form.type)
  return (
    <Section title="What it collects">
      {onType ? (
        <Radio.Group
          aria-label="What to collect"
          value={form.type}
          onChange={(chosen) => {
            const next = types.find((each) => each.type === chosen)
            if (next) onType(next)
          }}
        >
          <Stack gap="xs">
            {types.map((each) => (
              <Radio.Card key={each.type} value={each.type} p="sm" radius="md">
                <div style={{ display: 'grid', gridTemplateColumns: '24px 1fr', gap: 10, alignItems: 'start' }}>
                  <Radio.Indicator mt={2} />
                  <div>
                    <Text fw={600} size="sm">
                      {each.title}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {each.description}
                    </Text>
                  </div>
                </div>
              </Radio.Card>
            ))}
          </Stack>
        </Radio.Group>
      ) : (
        <Text size="sm">
          <Text span fw={600}>
            {type?.title}
          </Text>{' '}
          <Text span c="dimmed">
            {type?.description} What a schedule collects cannot be changed later; make a new one instead.
          </Text>
        </Text>
      )}
      <TextInput
        data-field="name"
        label="Name"
        description="How you find it in lists; unique among those that collect the same."
        maxLength={100}
        autoComplete="off"
        value={form.name}
        error={errors.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        maw={460}
      />
    </Section>
  )
}
