import { Badge, Button, Checkbox, FileButton, Group, Modal, Stack, Table, Text, Textarea } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Unreachable } from '../../api/errors'
import { useJobTypes } from '../../api/queries'
import { fieldNames, plain } from '../../components/fieldNames'
import { ErrorNote } from '../../components/ErrorNote'
import { count, sayWord } from '../../outcomes'
import { useApply } from './queries'
import { nameOf } from './status'

type Answer = Schemas['ApplyAnswer']
type Result = Schemas['AppliedItem']['result']

const would: Record<Result, string> = {
  created: 'Will be created',
  changed: 'Will change',
  unchanged: 'Stays as it is',
  deleted: 'Will be deleted',
  refused: 'Refused',
}
const did: Record<Result, string> = {
  created: 'Created',
  changed: 'Changed',
  unchanged: 'As it was',
  deleted: 'Deleted',
  refused: 'Refused',
}
const tones: Record<Result, string> = { created: 'teal', changed: 'blue', unchanged: 'gray', deleted: 'red', refused: 'red' }

/** Brings schedules from a file: first tells what that would do, then does it. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [prune, setPrune] = useState(false)
  const check = useApply()
  const apply = useApply()
  const change = (next: string) => {
    setText(next)
    check.reset()
    apply.reset()
  }
  const plan = check.data
  const due = plan ? plan.created + plan.changed + plan.deleted : 0
  const go = (dryRun: boolean) => (dryRun ? check : apply).mutate({ text, dryRun, prune })
  return (
    <Modal opened onClose={apply.isPending ? () => undefined : onClose} title="Import schedules" size="xl">
      <Stack>
        {!apply.data && (
          <>
            <Text size="sm">
              Takes a file that was exported here. A schedule of the same type and name is changed to what the file says; new ones
              are created and start running at once unless the file says that they are not enabled.
            </Text>
            <Group gap="sm">
              <FileButton
                accept=".yaml,.yml,.json,application/yaml,application/json"
                onChange={(file) => void file?.text().then(change)}
              >
                {(button) => (
                  <Button {...button} variant="default" leftSection={<IconFileUpload size={16} aria-hidden />}>
                    Choose a file
                  </Button>
                )}
              </FileButton>
              <Text size="sm" c="dimmed">
                or paste it below
              </Text>
            </Group>
            <Textarea
              label="Schedules as YAML or JSON"
              rows={7}
              spellCheck={false}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
              value={text}
              onChange={(event) => change(event.currentTarget.value)}
            />
            <Checkbox
              label="Delete my schedules that the file does not name"
              checked={prune}
              onChange={(event) => {
                setPrune(event.currentTarget.checked)
                check.reset()
              }}
            />
          </>
        )}
        {check.isError && <ErrorNote error={check.error} title="This file cannot be used" />}
        {apply.isError && (
          <ErrorNote
            error={apply.error}
            title={apply.error instanceof Unreachable ? 'No answer yet' : 'Not imported'}
            retry={apply.error instanceof Unreachable ? () => go(false) : undefined}
          />
        )}
        {(apply.data ?? plan) && <Applied answer={(apply.data ?? plan) as Answer} />}
        <Group justify="flex-end" gap="xs">
          {apply.data ? (
            <Button onClick={onClose}>Close</Button>
          ) : (
            <>
              <Button variant="default" onClick={onClose} disabled={apply.isPending}>
                Back
              </Button>
              {plan ? (
                <Button
                  onClick={() => go(false)}
                  loading={apply.isPending}
                  disabled={due === 0}
                  color={plan.deleted > 0 ? 'red' : undefined}
                >
                  {due === 0 ? 'Nothing to do' : sayPlan(plan)}
                </Button>
              ) : (
                <Button onClick={() => go(true)} loading={check.isPending} disabled={text.trim() === ''}>
                  Show what it would do
                </Button>
              )}
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

/** "Create 2, change 1" */
function sayPlan(plan: Answer): string {
  const parts: string[] = []
  if (plan.created > 0) parts.push(`create ${plan.created.toLocaleString()}`)
  if (plan.changed > 0) parts.push(`change ${plan.changed.toLocaleString()}`)
  if (plan.deleted > 0) parts.push(`delete ${plan.deleted.toLocaleString()}`)
  return sayWord(parts.join(', '))
}

function Applied({ answer }: { answer: Answer }) {
  const types = new Map(useJobTypes().data?.map((type) => [type.type as string, type.title]))
  const order: Result[] = ['refused', 'deleted', 'changed', 'created', 'unchanged']
  const items = [...answer.items].sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result))
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600} role="status">
        {answer.dry_run ? 'This would happen' : 'This was done'}: {count(items.length, 'schedule')}
      </Text>
      <Table.ScrollContainer minWidth={480} maxHeight={280} tabIndex={0} aria-label="What becomes of each schedule">
        <Table stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Schedule</Table.Th>
              <Table.Th scope="col">{answer.dry_run ? 'What would be done' : 'What was done'}</Table.Th>
              <Table.Th scope="col">Why, or what is different</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item, at) => (
              <Table.Tr key={at}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {nameOf({ name: item.name, schedule_type: item.schedule_type as never }, types.get(item.schedule_type))}
                  <Text size="xs" c="dimmed">
                    {types.get(item.schedule_type) ?? sayWord(item.schedule_type)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Badge variant="light" color={tones[item.result]} tt="none">
                    {(answer.dry_run ? would : did)[item.result]}
                  </Badge>
                </Table.Td>
                <Table.Td>
                  {item.message && <Text size="sm">{plain(item.message)}</Text>}
                  {item.fields.map((field) => (
                    <Text size="xs" key={field.field} style={{ overflowWrap: 'anywhere' }}>
                      {plain(fieldNames[field.field] ?? field.field)}: {sayValue(field.old)} → {sayValue(field.new)}
                    </Text>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}

/** A value of any field, as people read it. */
function sayValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(sayValue).join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, each]) => `${name} ${sayValue(each)}`)
      .join(', ')
  return String(value)
}
