import { useDebouncedValue } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import { ProblemError } from '../../api/errors'
import { plain } from '../../components/fieldNames'
import { fieldOf, isChanged, mistakes, toCreate, type Form } from './form'
import { usePreview } from './queries'

/** As many slots as the preview shows days of. */
export const asked = 80

/** What is typed, what the server makes of it, and what is wrong with which field. */
export function useForm(start: Form, rejected: unknown, onChange: () => void) {
  const [initial, setInitial] = useState(start)
  const [form, setForm] = useState(start)
  /** What is missing is only told once somebody tried to save. */
  const [tried, setTried] = useState(false)
  const own = mistakes(form)

  const body = useMemo(
    () => (Object.keys(mistakes(form)).some((field) => field !== 'name') ? undefined : toCreate(form, initial)),
    [form, initial],
  )
  const [settled] = useDebouncedValue(body, 300)
  // The name and whether it is paused say nothing about when it runs.
  const timing = useMemo(() => settled && { ...settled, enabled: undefined, count: asked }, [settled])
  const shown = usePreview(timing)
  // A word of the server about an earlier state of the form says nothing of this one.
  const current = settled === body
  const told = current ? shown.error : undefined

  const errors: Record<string, string> = {}
  let refusal: string | undefined
  for (const error of [told, rejected]) {
    if (!(error instanceof ProblemError) || ![400, 409, 422].includes(error.status)) continue
    // There is one of this name already.
    if (error.problem.error === 'conflict') errors.name = error.message
    else if (error.fields.length === 0) refusal = error.message
    for (const { field, message } of error.fields) {
      const name = fieldOf(field)
      if (name === '' || name === 'count' || name === 'schedule_type') refusal = plain(message)
      else errors[name] = plain(message)
    }
  }
  if (tried) Object.assign(errors, own)

  return {
    form,
    initial,
    set: (change: Partial<Form>) => {
      onChange()
      setForm((before) => ({ ...before, ...change }))
    },
    /** Starts again from another state. */
    restart: (next: Form) => {
      setInitial(next)
      setForm(next)
      setTried(false)
    },
    errors,
    own,
    tryToSave: () => setTried(true),
    changed: isChanged(form, initial),
    preview: { ...shown, refusal, waiting: shown.waiting || !current },
  }
}
