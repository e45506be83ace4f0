// What is typed in the editor, and how it goes to the server and comes back.
import type { Schemas } from '../../api/client'
import { fieldNames } from '../../components/fieldNames'
import { fromField, toField } from './zoned'

export type Hours = Schemas['Hours']
export type JobType = Schemas['Schedule']['schedule_type']
type Create = Schemas['CreateInputBody']
type Update = Schemas['UpdateInputBody']

export interface Form {
  type: JobType
  name: string
  mode: 'interval' | 'cron'
  /** Minutes from run to run; undefined while the field is empty. */
  minutes: number | undefined
  cron: string[]
  /** Undefined: around the clock. */
  hours: Hours | undefined
  /** Empty: every day. */
  days: number[]
  zone: string
  skipDates: string[]
  /** Local date and time in the zone; empty for none. */
  startsAt: string
  endsAt: string
  /** Undefined: chosen by the server. */
  offset: number | undefined
  dst: Schemas['Schedule']['dst_policy']
  catchup: Schemas['Schedule']['catchup']
  overlap: Schemas['Schedule']['overlap']
  maxAge: number | undefined
  enabled: boolean
  pauseReason: string
  settings: Record<string, unknown>
}

/** What a new schedule is called unless somebody says more: after its type, with a number when there is one already. */
export function freeName(title: string, taken: string[]): string {
  if (!taken.includes(title)) return title
  let number = 2
  while (taken.includes(`${title} ${number}`)) number++
  return `${title} ${number}`
}

export function emptyForm(type: Schemas['JobTypeInfo'], zone: string, name: string): Form {
  return {
    type: type.type,
    name,
    mode: 'interval',
    minutes: 60,
    cron: [''],
    hours: undefined,
    days: [],
    zone,
    skipDates: [],
    startsAt: '',
    endsAt: '',
    offset: undefined,
    dst: 'twice',
    catchup: 'last',
    overlap: 'skip',
    maxAge: undefined,
    enabled: true,
    pauseReason: '',
    settings: { ...type.defaults },
  }
}

export function formOf(schedule: Schemas['Schedule']): Form {
  const cron = schedule.cron.length > 0
  return {
    type: schedule.schedule_type,
    name: schedule.name,
    mode: cron ? 'cron' : 'interval',
    minutes: Math.round(schedule.interval_hours * 60 * 1000) / 1000,
    cron: cron ? schedule.cron : [''],
    hours: schedule.active_hours ? { start: schedule.active_hours.start, end: schedule.active_hours.end } : undefined,
    days: [...schedule.active_days].sort((a, b) => a - b),
    zone: schedule.timezone,
    skipDates: schedule.skip_dates,
    startsAt: toField(schedule.starts_at, schedule.timezone),
    endsAt: toField(schedule.ends_at, schedule.timezone),
    offset: schedule.offset_seconds,
    dst: schedule.dst_policy,
    catchup: schedule.catchup,
    overlap: schedule.overlap,
    maxAge: schedule.max_age_hours ?? undefined,
    enabled: schedule.enabled,
    pauseReason: schedule.pause_reason,
    settings: { ...schedule.settings },
  }
}

/** The offset must be below the spacing. One that came with the schedule and no longer fits is chosen anew; one that was typed is refused. */
function offsetOf(form: Form, initial: Form): number | null {
  if (form.offset === undefined) return null
  const limit = form.mode === 'cron' ? 60 : (form.minutes ?? Infinity) * 60
  return form.offset === initial.offset && form.offset >= limit ? null : form.offset
}

/** All of it, as a create or a preview takes it. */
export function toCreate(form: Form, initial: Form): Create {
  return {
    schedule_type: form.type,
    name: form.name.trim() || null,
    ...(form.mode === 'cron' ? { cron: lines(form) } : { interval_hours: (form.minutes ?? 0) / 60 }),
    active_hours: form.hours ?? null,
    active_days: form.days,
    timezone: form.zone,
    skip_dates: form.skipDates,
    starts_at: fromField(form.startsAt, form.zone),
    ends_at: fromField(form.endsAt, form.zone),
    offset_seconds: offsetOf(form, initial),
    dst_policy: form.dst,
    catchup: form.catchup,
    overlap: form.overlap,
    max_age_hours: form.maxAge ?? null,
    enabled: form.enabled,
    settings: form.settings,
  }
}

const lines = (form: Form) => form.cron.map((line) => line.trim()).filter((line) => line !== '')

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Only what is different from what was read, so that what somebody else changed meanwhile stays. */
export function toUpdate(form: Form, initial: Form): Update {
  const now = toCreate(form, initial)
  const before = toCreate(initial, initial)
  const update: Record<string, unknown> = {}
  for (const field of Object.keys({ ...now, ...before }) as (keyof Create)[]) {
    if (field === 'schedule_type' || field === 'interval_hours' || field === 'cron') continue
    if (!same(now[field], before[field])) update[field] = now[field]
  }
  if (!same([now.interval_hours, now.cron], [before.interval_hours, before.cron])) {
    if (form.mode === 'cron') update.cron = now.cron
    else Object.assign(update, { interval_hours: now.interval_hours, ...(initial.mode === 'cron' ? { cron: null } : {}) })
  }
  if (!form.enabled && form.pauseReason.trim() !== initial.pauseReason) update.pause_reason = form.pauseReason.trim() || null
  return update
}

export const isChanged = (form: Form, initial: Form) => !same(form, initial)

/** Which things an update changes, in words. */
export const sayChanges = (update: Update): string[] => Object.keys(update).map((field) => fieldNames[field] ?? field)

/** "cron[1]" and "body.active_hours.start" as the names under which the editor's fields stand. */
export function fieldOf(location: string): string {
  const path = location.replace(/^body\./, '').replace(/\[(\d+)\]/g, '.$1')
  const [first = '', second] = path.split('.')
  if (first === 'settings' || first === 'cron') return second === undefined ? first : `${first}.${second}`
  return first
}

/** What is wrong that needs no server to know. */
export function mistakes(form: Form): Record<string, string> {
  const wrong: Record<string, string> = {}
  if (form.name.trim() === '') wrong.name = 'Give it a name.'
  if (form.mode === 'interval' && !form.minutes) wrong.interval_hours = 'Say after how many minutes it runs again.'
  if (form.mode === 'cron' && lines(form).length === 0) wrong.cron = 'Add at least one time.'
  return wrong
}
