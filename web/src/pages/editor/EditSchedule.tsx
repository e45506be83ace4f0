import { Button } from '@mantine/core'
import { notify } from '../../components/notify'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { isNotFound, ProblemError } from '../../api/errors'
import { useJobTypes } from '../../api/queries'
import { Confirm } from '../../components/Confirm'
import { scheduleName } from '../../components/counts'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { MissedChoice, type Missed } from '../../components/MissedChoice'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import { Conflict } from './Conflict'
import { Editor } from './Editor'
import { formOf, toUpdate } from './form'
import { useSchedule, useTheirs, useUpdate } from './queries'
import { useForm } from './useForm'
import { useLeave } from './useLeave'

type Schedule = Schemas['Schedule']

/** Changes a schedule. */
export function EditSchedule() {
  const id = Number(useParams().id)
  const schedule = useSchedule(id)
  const types = useJobTypes()
  const above = [{ label: 'Schedules', to: paths.schedules() }]
  // What lay in the cache may be old; one edits what the server has now.
  const [first, setFirst] = useState<Schedule>()
  if (schedule.data && schedule.isFetchedAfterMount && schedule.data.id === id && first?.id !== id) setFirst(schedule.data)
  if ((isNotFound(schedule.error) && !first) || !Number.isInteger(id))
    return (
      <Page title="No such schedule" above={above}>
        <Empty
          title="There is no such schedule"
          action={
            <Button component={Link} to={paths.schedules()} variant="default">
              See all schedules
            </Button>
          }
        >
          It may have been deleted.
        </Empty>
      </Page>
    )
  const shown = first ?? schedule.data
  const name = shown && scheduleName(shown)
  return (
    <Page
      title={name === undefined ? 'Edit schedule' : `Edit ${name}`}
      above={name === undefined ? above : [...above, { label: name, to: paths.schedule(id) }]}
    >
      <Loaded query={{ ...schedule, data: first } as typeof schedule} title="The schedule could not be loaded">
        {(read) => <Loaded query={types}>{(known) => <Changing key={read.id} read={read} types={known} />}</Loaded>}
      </Loaded>
    </Page>
  )
}

function Changing({ read, types }: { read: Schedule; types: Schemas['JobTypeInfo'][] }) {
  const update = useUpdate()
  const theirs = useTheirs()
  const [base, setBase] = useState(read)
  const [more, setMore] = useState(false)
  const [resuming, setResuming] = useState(false)
  const [missed, setMissed] = useState<Missed>('none')
  const conflict = update.error instanceof ProblemError && update.error.status === 412
  const state = useForm(formOf(read), update.error, () => update.isError && update.reset())
  const leave = useLeave(state.changed && !update.isSuccess)
  const { form, initial } = state

  const save = (over: boolean, withMissed?: Missed) => {
    const body = { ...toUpdate(form, initial), ...(withMissed === undefined ? {} : { missed: withMissed }) }
    update.mutate(
      { id: base.id, body, version: over ? undefined : base.version },
      {
        onSuccess(schedule) {
          notify(`${schedule.name} is saved.`)
          leave.goSaved(paths.schedule(schedule.id))
        },
        onError(error) {
          setResuming(false)
          if (error instanceof ProblemError && error.status === 412) theirs.mutate(base.id)
        },
      },
    )
  }
  const resumes = form.enabled && !initial.enabled

  return (
    <Editor
      state={state}
      leave={leave}
      types={types}
      isNew={false}
      action="Save changes"
      saving={update.isPending}
      error={conflict ? null : update.error}
      more={more}
      onMore={setMore}
      back={paths.schedule(base.id)}
      onSave={() => (resumes ? setResuming(true) : save(false))}
    >
      <Confirm
        opened={resuming}
        onClose={() => setResuming(false)}
        title="Save and resume?"
        action="Save and resume"
        pending={update.isPending}
        onConfirm={() => save(false, missed)}
      >
        <MissedChoice value={missed} onChange={setMissed} />
      </Confirm>
      <Conflict
        opened={conflict}
        mine={toUpdate(form, initial)}
        theirs={theirs.data && toUpdate(formOf(theirs.data), formOf(base))}
        error={theirs.error}
        saving={update.isPending}
        onClose={update.reset}
        onTake={() => {
          if (!theirs.data) return
          setBase(theirs.data)
          state.restart(formOf(theirs.data))
          update.reset()
        }}
        onKeep={() => save(true, resumes ? missed : undefined)}
      />
    </Editor>
  )
}
