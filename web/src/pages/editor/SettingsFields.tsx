import {
  ActionIcon,
  Button,
  Group,
  Input,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import { sayWord } from '../../outcomes'
import type { Fields } from './fields'
import { sayInitial, settingsOf, type Setting } from './settings'

interface SettingsFieldsProps extends Fields {
  type: Schemas['JobTypeInfo']
}

/** The settings of the job type, one field for each that its schema tells of. */
export function SettingsFields({ type, form, set, errors }: SettingsFieldsProps) {
  return settingsOf(type.settings_schema).map((setting) => (
    <div key={setting.name} data-field={`settings.${setting.name}`}>
      <SettingField
        setting={setting}
        value={form.settings[setting.name]}
        error={errors[`settings.${setting.name}`]}
        onChange={(value) => set({ settings: { ...form.settings, [setting.name]: value } })}
      />
    </div>
  ))
}

interface SettingFieldProps {
  setting: Setting
  value: unknown
  error?: string
  onChange: (value: unknown) => void
}

function SettingField({ setting, value, error, onChange }: SettingFieldProps) {
  const { kind, label, min, max } = setting
  const initial = sayInitial(setting)
  const description = [setting.description, initial && `Usually ${initial}.`].filter(Boolean).join(' ')
  const common = { label, description, error, maw: 460 }
  switch (kind) {
    case 'boolean':
      return <Switch {...common} maw={620} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
    case 'share':
      return (
        <NumberInput
          {...common}
          suffix="%"
          min={0}
          max={100}
          decimalScale={1}
          value={typeof value === 'number' ? Math.round(value * 1000) / 10 : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next) / 100)}
          styles={{ wrapper: { maxWidth: 160 } }}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          min={min}
          max={max}
          clampBehavior="none"
          allowDecimal={!setting.whole}
          thousandSeparator=","
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
          styles={{ wrapper: { maxWidth: 160 } }}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          data={setting.choices.map((each) => ({ value: each, label: sayWord(each) }))}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
        />
      )
    case 'choices':
      return (
        <MultiSelect
          {...common}
          data={setting.choices.map((each) => ({ value: each, label: sayWord(each) }))}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      )
    case 'text':
      return <TextInput {...common} value={String(value ?? '')} onChange={(event) => onChange(event.currentTarget.value)} />
    case 'texts':
      return (
        <TagsInput
          {...common}
          description={`${description} Type one and press Enter.`}
          maxTags={setting.most}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      )
    case 'amounts':
      return <Amounts {...common} value={(value ?? {}) as Record<string, number>} onChange={onChange} />
  }
}

interface AmountsProps {
  label: string
  description: string
  error?: string
  value: Record<string, number>
  onChange: (value: Record<string, number>) => void
}

/** Numbers by name, in rows. */
function Amounts({ label, description, error, value, onChange }: AmountsProps) {
  const rows = Object.entries(value)
  const write = (next: [string, number][]) => onChange(Object.fromEntries(next))
  return (
    <Stack gap={6} role="group" aria-label={label}>
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="xs" c="dimmed">
          {description}
        </Text>
      </div>
      {rows.map(([name, amount], at) => (
        <Group key={at} gap={6} wrap="nowrap">
          <TextInput
            aria-label={`${label}: name ${at + 1}`}
            value={name}
            style={{ flex: 1 }}
            maw={280}
            onChange={(event) => write(rows.map((row, other) => (other === at ? [event.currentTarget.value, amount] : row)))}
          />
          <NumberInput
            aria-label={`${label}: number for ${name || at + 1}`}
            w={100}
            allowDecimal={false}
            value={amount}
            onChange={(next) => write(rows.map((row, other) => (other === at ? [name, Number(next)] : row)))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={`Remove ${name || `row ${at + 1}`}`}
            onClick={() => write(rows.filter((_, other) => other !== at))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error && <Input.Error role="alert">{error}</Input.Error>}
      <Button
        variant="default"
        size="xs"
        h={36}
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={'' in value}
        onClick={() => write([...rows, ['', 0]])}
      >
        Add
      </Button>
    </Stack>
  )
}
