import { notify } from '../../components/notify'
import { useEffect, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { useJobTypes } from '../../api/queries'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import { browserZone } from '../../time/zone'
import { Editor } from './Editor'
import { emptyForm, toCreate } from './form'
import { useCreate } from './queries'
import { useForm } from './useForm'
import { useLeave } from './useLeave'

/** Makes a schedule. */
export function NewSchedule() {
  return (
    <Page title="New schedule" above={[{ label: 'Schedules', to: paths.schedules() }]}>
      <Loaded query={useJobTypes()}>{(types) => <Making types={types} />}</Loaded>
    </Page>
  )
}

function Making({ types }: { types: Schemas['JobTypeInfo'][] }) {
  const [search, setSearch] = useSearchParams()
  const chosen =
    types.find((type) => type.type === search.get('type')) ?? types.find((type) => type.type === 'work_orders') ?? types[0]
  const create = useCreate()
  const navigate = useNavigate()
  const [more, setMore] = useState(false)
  const state = useForm(emptyForm(chosen as Schemas['JobTypeInfo'], browserZone), create.error, create.reset)
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
        const titles = types.map((each) => each.title)
        // A name that was given stays; one that only repeats the type goes with it.
        const name = titles.includes(form.name.trim()) || form.name.trim() === '' ? type.title : form.name
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
            void navigate(paths.schedule(schedule.id))
          },
        })
      }
    />
  )
}
