import { Button, Group, Modal, Paper, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { ProblemError } from '../../api/errors'
import { ErrorNote } from '../../components/ErrorNote'
import classes from './Editor.module.css'
import { focusWrong } from './fields'
import { MoreSection } from './MoreSection'
import { PreviewPanel } from './PreviewPanel'
import { TimingSection } from './TimingSection'
import { asked, type useForm } from './useForm'
import type { useLeave } from './useLeave'
import { WhatSection } from './WhatSection'

interface EditorProps {
  state: ReturnType<typeof useForm>
  leave: ReturnType<typeof useLeave>
  types: Schemas['JobTypeInfo'][]
  /** Left out where the type is settled. */
  onType?: (type: Schemas['JobTypeInfo']) => void
  isNew: boolean
  /** The word on the button. */
  action: string
  onSave: () => void
  saving: boolean
  error: unknown
  more: boolean
  onMore: (opened: boolean) => void
  /** Where the Back button goes. */
  back: string
  children?: ReactNode
}

const folded = ['skip_dates', 'starts_at', 'ends_at', 'offset_seconds', 'dst_policy', 'catchup', 'overlap', 'max_age_hours']

/** The form for a schedule, with its preview beside it or, where there is no room, below when it runs. */
export function Editor(props: EditorProps) {
  const { state, leave, types, onType, isNew, action, onSave, saving, error, more, onMore, back, children } = props
  const { form, set, errors, own, preview } = state
  const root = useRef<HTMLFormElement>(null)
  const fields = { form, set, errors }
  const type = types.find((each) => each.type === form.type)
  const wrong = Object.keys(errors)
  const hidden = wrong.some((field) => folded.includes(field) || field.startsWith('settings'))

  // A refusal goes to the field that it is about, once it is there to go to.
  const told = useRef<unknown>(undefined)
  const unfolded = useRef(false)
  useEffect(() => {
    if (!error || told.current === error) return
    if (hidden && !more) {
      unfolded.current = true
      return onMore(true)
    }
    told.current = error
    // What was folded away takes a moment to come.
    setTimeout(() => focusWrong(root.current, errors), unfolded.current ? 260 : 0)
    unfolded.current = false
  }, [error, hidden, more, onMore, errors])

  const submit = () => {
    if (saving) return
    state.tryToSave()
    if (Object.keys(own).length > 0) return focusWrong(root.current, own)
    onSave()
  }
  const atField = error instanceof ProblemError && wrong.length > 0
  return (
    <>
      <form
        ref={root}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className={classes.page}>
          <Stack gap="md" className={classes.first}>
            <WhatSection {...fields} types={types} onType={onType} />
            <TimingSection {...fields} />
          </Stack>
          <div className={classes.preview}>
            <PreviewPanel
              form={form}
              preview={preview.preview}
              waiting={preview.waiting}
              refusal={preview.refusal}
              // The name says nothing about when it runs.
              wrong={wrong.some((field) => field !== 'name')}
              missing={own.cron ? 'Type when it should run, or choose one of the common times.' : own.interval_hours}
              away={preview.away}
              startsAtOnce={isNew && form.enabled}
              asked={asked}
            />
          </div>
          <Stack gap="md" className={classes.second}>
            {type && <MoreSection {...fields} type={type} opened={more} onToggle={() => onMore(!more)} />}
            <Paper withBorder p="md">
              <Stack gap="sm">
                <Switch
                  label={isNew ? 'Start right away' : 'Active'}
                  description={
                    isNew
                      ? 'The first run starts when you save. Off: it is stored as paused.'
                      : 'Off: nothing is started by plan. You can still run it by hand.'
                  }
                  checked={form.enabled}
                  onChange={(event) => set({ enabled: event.currentTarget.checked })}
                />
                {!isNew && !form.enabled && (
                  <TextInput
                    label="Why it is paused"
                    description="Shown beside it. May stay empty."
                    maxLength={500}
                    value={form.pauseReason}
                    onChange={(event) => set({ pauseReason: event.currentTarget.value })}
                    maw={460}
                  />
                )}
              </Stack>
            </Paper>
          </Stack>
        </div>
        <Paper withBorder shadow="sm" p="sm" mt="md" className={classes.bar}>
          <Stack gap="xs">
            {error && !atField ? <ErrorNote error={error} title="Not saved" /> : null}
            {atField && (
              <Text size="sm" c="var(--mantine-color-error)" role="alert">
                Not saved: {errors[wrong[0] ?? '']}
              </Text>
            )}
            <Group justify="flex-end" gap="xs">
              {!isNew && !state.changed && (
                <Text size="sm" c="dimmed" visibleFrom="xs">
                  Nothing is changed.
                </Text>
              )}
              <Button variant="default" h={40} onClick={() => leave.goTo(back)}>
                Back
              </Button>
              <Button type="submit" h={40} loading={saving} disabled={!isNew && !state.changed}>
                {action}
              </Button>
            </Group>
          </Stack>
        </Paper>
      </form>
      {/* Outside of the form: what is sent in a dialog must not save the schedule. */}
      {children}
      <Modal opened={leave.asking} onClose={leave.stay} title="Leave without saving?">
        <Stack>
          <Text size="sm">What you {isNew ? 'typed' : 'changed'} here is not saved and would be lost.</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={leave.stay} data-autofocus>
              Stay here
            </Button>
            <Button color="red" onClick={leave.leave}>
              Leave without saving
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
