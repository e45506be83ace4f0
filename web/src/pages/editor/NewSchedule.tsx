import { notify } from '../../components/notify'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { useJobTypes } from '../../api/queries'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import { browserZone } from '../../time/zone'
import { Editor } from './Editor'
import { emptyForm, freeName, toCreate } from './form'
import { useCreate, useNames } from './queries'
import { useForm } from './useForm'
import { useLeave } from './useLeave'

/** Makes a schedule. */
export function NewSchedule() {
  const names = useNames()
  const ready = names.isFetchedAfterMount || names.fetchStatus !== 'fetching'
  return (
    <Page title="New schedule" above={[{ label: 'Schedules', to: paths.schedules() }]}>
      <Loaded query={useJobTypes()}>{(types) => ready && <Making types={types} taken={names.data ?? {}} />}</Loaded>
    </Page>
  )
}

interface MakingProps {
  types: Schemas['JobTypeInfo'][]
  /** Names that there are, by type. */
  taken: Record<string, string[]>
}

function Making({ types, taken }: MakingProps) {
  const named = (type: Schemas['JobTypeInfo']) => freeName(type.title, taken[type.type] ?? [])
  const [search, setSearch] = useSearchParams()
  const chosen =
    types.find((type) => type.type === search.get('type')) ?? types.find((type) => type.type === 'work_orders') ?? types[0]
  const create = useCreate()
  const [start] = useState(() => {
    const type = chosen as Schemas['JobTypeInfo']
    return emptyForm(type, browserZone, named(type))
  })
  const [more, setMore] = useState(false)
  const state = useForm(start, create.error, create.reset)
  const leave = useLeave(state.changed && !create.isSuccess)
  const { form, initial, set } = state

  // Links here name the type; so does this one after another was chosen.
  useEffect(() => {
    if (search.get('type') !== form.type) setSearch({ type: form.type }, { replace: true })
  }, [search, setSearch, form.type])

  return (
    <Editor
      state={state}
      leave={leave}
      types={types}
      onType={(type) => {
        // A name that was given stays; one that was proposed goes with its type.
        const name = ['', ...types.map(named)].includes(form.name.trim()) ? named(type) : form.name
        set({ type: type.type, name, settings: { ...type.defaults } })
      }}
      isNew
      action="Create schedule"
      saving={create.isPending}
      error={create.error}
      more={more}
      onMore={setMore}
      back={paths.schedules()}
      onSave={() =>
        create.mutate(toCreate(form, initial), {
          onSuccess(schedule) {
            notify(
              schedule.enabled
                ? `${schedule.name} is created. Its first run has started.`
                : `${schedule.name} is created and paused.`,
            )
            leave.goSaved(paths.schedule(schedule.id))
          },
        })
      }
    />
  )
}
