import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notify } from '../../components/notify'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Loaded } from '../../components/Loaded'
import { MissedChoice } from '../../components/MissedChoice'
import { count } from '../../outcomes'
import { Outcomes } from './Outcomes'
import { useBulk, useDryRun, type BulkAction, type Missed } from './queries'
import type { Ask } from './RowActions'

const words: Record<BulkAction, { act: string; done: string; note: string }> = {
  pause: {
    act: 'Pause',
    done: 'Paused',
    note: 'No planned run starts while a schedule is paused. Runs that are going finish, and you can still run it by hand.',
  },
  resume: { act: 'Resume', done: 'Resumed', note: 'Earlier failures are forgotten, and runs start as planned again.' },
  run: { act: 'Run', done: 'Started', note: 'Each starts one run now. Planned runs stay as they are.' },
  delete: {
    act: 'Delete',
    done: 'Deleted',
    note: 'The schedule and its planned runs go. Its history and everything it collected stay. A run that is going finishes.',
  },
}

interface ChangeDialogProps {
  ask: Ask
  onClose: () => void
  /** Which schedules were changed. */
  onDone: (action: BulkAction, ids: number[]) => void
}

/** Shows what a change would do to each schedule before it is done, and afterwards what became of each. */
export function ChangeDialog({ ask, onClose, onDone }: ChangeDialogProps) {
  const { action, ids, only } = ask
  const plan = useDryRun(action, ids)
  const change = useBulk()
  const [reason, setReason] = useState('')
  const [missed, setMissed] = useState<Missed>('none')
  const [progress, setProgress] = useState(0)
  const { act, done, note } = words[action]
  const about = only ? only.name : count(ids.length, 'schedule')

  const carryOut = (planned: Schemas['BulkItem'][]) =>
    change.mutate(
      { change: { action, ids, reason, missed }, planned, onProgress: setProgress },
      {
        onSuccess(items) {
          const changed = items.filter((item) => item.result === 'done').map((item) => item.id)
          onDone(action, changed)
          // One schedule that is changed shows it itself; nobody needs a list of one.
          if (only && changed.length === 1) {
            notify(`${done}: ${only.name}.`)
            onClose()
          }
        },
      },
    )

  return (
    <Modal
      opened
      onClose={change.isPending ? () => undefined : onClose}
      title={<span style={{ overflowWrap: 'anywhere' }}>{change.data ? sayResult(change.data, done) : `${act} ${about}?`}</span>}
      size="lg"
    >
      {change.data ? (
        <Stack>
          <Outcomes items={change.data} titles={{ done, unchanged: 'Stayed as it was', failed: 'Did not work' }} />
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              Close
            </Button>
          </Group>
        </Stack>
      ) : (
        <Loaded query={plan} title="What this would do could not be found out">
          {(planned) => {
            const due = planned.filter((item) => item.result === 'done').length
            return (
              <form
                onSubmit={(event) => {
                  event.preventDefault()
                  if (due > 0 && !change.isPending) carryOut(planned)
                }}
              >
                <Stack>
                  <Text size="sm">{note}</Text>
                  {action === 'pause' && due > 0 && (
                    <Textarea
                      label="Why"
                      description="Shown beside the paused schedule. May stay empty."
                      maxLength={500}
                      autosize
                      data-autofocus
                      value={reason}
                      onChange={(event) => setReason(event.currentTarget.value)}
                    />
                  )}
                  {action === 'resume' && due > 0 && <MissedChoice value={missed} onChange={setMissed} />}
                  {(!only || due === 0) && (
                    <Outcomes
                      items={planned}
                      titles={{ done: `Will be ${done.toLowerCase()}`, unchanged: 'Stays as it is', failed: 'Cannot be done' }}
                    />
                  )}
                  {change.isError && <ErrorNote error={change.error} />}
                  <Group justify="space-between" gap="xs">
                    <Text size="sm" c="dimmed" role="status">
                      {change.isPending && due > 1 && `${progress.toLocaleString()} of ${due.toLocaleString()} …`}
                    </Text>
                    <Group gap="xs">
                      <Button variant="default" onClick={onClose} disabled={change.isPending}>
                        Back
                      </Button>
                      <Button
                        type="submit"
                        color={action === 'delete' ? 'red' : undefined}
                        loading={change.isPending}
                        disabled={due === 0}
                      >
                        {due === 0
                          ? 'Nothing to do'
                          : `${act} ${only ? 'schedule' : count(due, 'schedule')}${action === 'run' ? ' now' : ''}`}
                      </Button>
                    </Group>
                  </Group>
                </Stack>
              </form>
            )
          }}
        </Loaded>
      )}
    </Modal>
  )
}

/** "3 schedules paused", "2 of 3 schedules paused" */
function sayResult(items: Schemas['BulkItem'][], done: string): string {
  const changed = items.filter((item) => item.result === 'done').length
  const all = changed + items.filter((item) => item.result === 'failed').length
  return `${changed < all ? `${changed.toLocaleString()} of ` : ''}${count(all, 'schedule')} ${done.toLowerCase()}`
}
