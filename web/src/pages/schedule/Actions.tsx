import { Anchor, Button, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import type { Schemas } from '../../api/client'
import { ProblemError, sentence } from '../../api/errors'
import { Confirm } from '../../components/Confirm'
import { scheduleName } from '../../components/counts'
import { ErrorNote } from '../../components/ErrorNote'
import { ReasonButton } from '../../components/ReasonButton'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { useStart } from '../run/queries'
import { useChange, useDelete, usePreview, type Schedule } from './queries'

type Dialog = 'run' | 'pause' | 'resume' | 'delete'

/** What one can do with a schedule. */
export function Actions({ schedule, going }: { schedule: Schedule; going: boolean }) {
  const [dialog, setDialog] = useState<Dialog>()
  const start = useStart()
  const close = () => setDialog(undefined)
  const rests = !schedule.enabled || schedule.suspended_at !== null
  // Only a job that skips what is fresh can be told not to.
  const choices = 'fresh_hours' in schedule.settings
  return (
    <Stack gap="xs" w="100%">
      <Group gap="xs">
        <ReasonButton
          leftSection={<IconPlayerPlay size={17} aria-hidden />}
          loading={start.isPending}
          reason={going ? 'A run is going. Wait for its end, or cancel it.' : undefined}
          onClick={() => (choices ? setDialog('run') : start.mutate({ id: schedule.id }))}
        >
          {choices ? 'Run now …' : 'Run now'}
        </ReasonButton>
        {rests ? (
          <Button variant="default" leftSection={<IconPlayerPlay size={17} aria-hidden />} onClick={() => setDialog('resume')}>
            Resume …
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconPlayerPause size={17} aria-hidden />} onClick={() => setDialog('pause')}>
            Pause …
          </Button>
        )}
        <Button
          variant="default"
          component={Link}
          to={paths.editSchedule(schedule.id)}
          leftSection={<IconPencil size={17} aria-hidden />}
        >
          Edit
        </Button>
        <Button variant="default" leftSection={<IconTrash size={17} aria-hidden />} onClick={() => setDialog('delete')}>
          Delete …
        </Button>
      </Group>
      {start.isError && dialog !== 'run' && <NotStarted error={start.error} />}
      {/* A dialog begins anew each time it is opened. */}
      {dialog === 'run' && <RunDialog schedule={schedule} onClose={close} />}
      {dialog === 'pause' && <PauseDialog schedule={schedule} onClose={close} />}
      {dialog === 'resume' && <ResumeDialog schedule={schedule} onClose={close} />}
      {dialog === 'delete' && <DeleteDialog schedule={schedule} onClose={close} />}
    </Stack>
  )
}

/** Why a run was not started, with the way to the run that is in its way. */
export function NotStarted({ error }: { error: unknown }) {
  const inWay = error instanceof ProblemError && error.status === 409 ? error.runId : undefined
  return inWay ? (
    <Text size="sm" role="alert">
      {sentence(error)}{' '}
      <Anchor component={Link} to={paths.run(inWay)} inherit>
        Open the run that is going
      </Anchor>
    </Text>
  ) : (
    <ErrorNote error={error} title="The run was not started" />
  )
}

interface DialogProps {
  schedule: Schedule
  onClose: () => void
}

function RunDialog({ schedule, onClose }: DialogProps) {
  const start = useStart()
  const [force, setForce] = useState(false)
  const hours = 'fresh_hours' in schedule.settings ? schedule.settings.fresh_hours : 0
  return (
    <Confirm
      opened
      onClose={onClose}
      title="Run now"
      action="Run now"
      pending={start.isPending}
      onConfirm={() => start.mutate({ id: schedule.id, force }, { onSuccess: onClose })}
    >
      <Text size="sm">It starts at once, whatever the hours say. The slots stay as they are.</Text>
      <Checkbox
        label="Read everything again"
        description={`Otherwise a site that was read in the last ${count(hours, 'hour')} is skipped.`}
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
      {start.isError && <NotStarted error={start.error} />}
    </Confirm>
  )
}

function PauseDialog({ schedule, onClose }: DialogProps) {
  const change = useChange(schedule.id)
  const [reason, setReason] = useState('')
  return (
    <Confirm
      opened
      onClose={onClose}
      title="Pause this schedule?"
      action="Pause"
      pending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate({ enabled: false, pause_reason: reason.trim() || null }, { onSuccess: onClose })}
    >
      <Text size="sm">
        Its slots are passed over until you resume it. A run that is going goes on, and you can still run it by hand.
      </Text>
      <TextInput
        label="Why (optional)"
        description="Shown to everybody who looks at the schedule."
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  )
}

function ResumeDialog({ schedule, onClose }: DialogProps) {
  const change = useChange(schedule.id)
  const [missed, setMissed] = useState<NonNullable<Schemas['UpdateInputBody']['missed']>>('none')
  return (
    <Confirm
      opened
      onClose={onClose}
      title="Resume this schedule?"
      action="Resume"
      pending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate({ enabled: true, missed }, { onSuccess: onClose })}
    >
      {schedule.suspended_at !== null && (
        <Text size="sm">
          It paused by itself after {count(schedule.consecutive_failures, 'failure')} in a row. Resuming forgets them and it runs
          at every slot again.
        </Text>
      )}
      <Radio.Group label="The slots that passed meanwhile" value={missed} onChange={(next) => setMissed(next as typeof missed)}>
        <Stack gap="xs" mt="xs">
          <Radio value="none" label="Let them go" description="It runs again at its next slot." />
          <Radio value="last" label="Make up for the last one" description="One run at once, if any slot passed." />
          <Radio
            value="all"
            label="Make up for all"
            description="Also one run at once: a single run brings the present state for all of them."
          />
        </Stack>
      </Radio.Group>
    </Confirm>
  )
}

function DeleteDialog({ schedule, onClose }: DialogProps) {
  const remove = useDelete(schedule.id)
  const preview = usePreview(schedule.id)
  const navigate = useNavigate()
  const [opened] = useState(() => Date.now())
  const soon = preview.data?.slots.filter((slot) => Date.parse(slot.at) < opened + 86_400_000).length ?? 0
  const planned =
    schedule.enabled && soon > 0
      ? `${soon >= 100 ? 'more than 100 runs' : count(soon, 'run')} planned for the next 24 hours, and all after`
      : 'all its slots to come'
  return (
    <Confirm
      opened
      onClose={onClose}
      title="Delete this schedule?"
      action="Delete schedule"
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            notifications.show({ message: `“${scheduleName(schedule)}” was deleted. Its past runs are kept.` })
            void navigate(paths.schedules())
          },
        })
      }
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <strong>Goes:</strong> the schedule “{scheduleName(schedule)}”, {planned}. This cannot be taken back.
      </Text>
      <Text size="sm">
        <strong>Stays:</strong> what it has collected, and its past runs. A run that is going is not stopped.
      </Text>
    </Confirm>
  )
}
