// What happened in a run, in words, and what one can do about it.
import type { Schemas } from '../../api/client'
import { count } from '../../outcomes'
import type { Run } from './queries'

export const thingsOf: Record<Run['schedule_type'], string> = {
  work_orders: 'work order',
  dispensers: 'dispenser',
  filters: 'item',
}

/** "12 work orders: 3 new, 1 changed"; what is zero is left out. */
export function counts(run: Run): string {
  const thing = thingsOf[run.schedule_type] ?? 'item'
  if (run.completed_at === null) return 'Still going'
  const parts = [
    [run.items_added, 'new'],
    [run.items_updated, 'changed'],
    [run.items_removed, 'no longer listed'],
    [run.items_failed, 'not readable'],
  ] as const
  const said = parts.filter(([n]) => n > 0).map(([n, text]) => `${n.toLocaleString()} ${text}`)
  if (run.items_processed === 0 && said.length === 0) return run.success ? 'Nothing to read' : 'Nothing was read'
  if (run.outcome === 'held' && !run.decision) said.push('not stored')
  return `${count(run.items_processed, thing)}: ${said.length ? said.join(', ') : 'nothing new'}`
}

/** What accepting a held result would do: "remove 6 work orders, change 2"; empty when nothing. */
export function effectText(effect: Schemas['HeldEffect'], type: Run['schedule_type']): string {
  const [first, ...others] = (
    [
      [effect.removed, 'remove'],
      [effect.changed, 'change'],
      [effect.added, 'add'],
      [effect.returned, 'bring back'],
    ] as const
  ).filter(([n]) => n > 0)
  if (!first) return ''
  return [`${first[1]} ${count(first[0], thingsOf[type])}`, ...others.map(([n, what]) => `${what} ${n.toLocaleString()}`)].join(
    ', ',
  )
}

export interface Advice {
  /** What it means for the data. */
  meaning: string
  /** What a person can do, or that nothing is to be done. */
  todo: string
  /** Sign in again helps. */
  signIn?: boolean
  /** A run right now may help. */
  again?: boolean
}

const kept = 'Your stored data is unchanged.'

const advice: Record<Exclude<Run['outcome'], null>, Advice | undefined> = {
  success: undefined,
  partial: {
    meaning: 'What could be read is stored, and nothing was removed.',
    todo: 'The next run tries the rest again. If the same things are missing each time, give the reference below to whoever runs FossaWork for you.',
    again: true,
  },
  held: {
    meaning: `The result looks wrong, so it was not stored. ${kept}`,
    todo: 'Compare with the portal, then accept the result or discard it.',
  },
  credentials_rejected: {
    meaning: `The portal refused your password. ${kept}`,
    todo: 'Sign in again in Settings. Until then the schedule waits, so that the portal does not lock you out.',
    signIn: true,
  },
  account_locked: {
    meaning: `The portal has locked your account. ${kept}`,
    todo: 'Have it unlocked at WorkFossa, then sign in again in Settings.',
    signIn: true,
  },
  session_expired: {
    meaning: `The portal signed us out again right after signing in. ${kept}`,
    todo: 'Nothing for you to do: the next run signs in anew. If it goes on, see whether you can stay signed in at the portal.',
    again: true,
  },
  layout_changed: {
    meaning: `The portal’s page does not look as it did. ${kept}`,
    todo: 'You cannot mend this yourself. Give the reference below to whoever runs FossaWork for you; the picture shows what the portal sent.',
  },
  portal_throttled: {
    meaning: `The portal asked us to slow down. ${kept}`,
    todo: 'Nothing to do: the next run waits long enough.',
  },
  portal_down: {
    meaning: `The portal did not answer as it should. ${kept}`,
    todo: 'Nothing to do: it is tried again at the next slot. See whether the portal opens in your browser.',
    again: true,
  },
  cancelled: {
    meaning: 'It was stopped before its end. What it had stored until then stays.',
    todo: 'The schedule goes on at its next slot.',
    again: true,
  },
  timed_out: {
    meaning: 'It took longer than it may and was stopped.',
    todo: 'The next run tries again. If this happens often, the portal is slow or there is too much to read in one run.',
    again: true,
  },
  terminated: {
    meaning: 'Whoever looks after the system ended it by force.',
    todo: 'The schedule goes on at its next slot.',
    again: true,
  },
  worker_lost: {
    meaning: 'The computer that did this run stopped answering.',
    todo: 'Nothing to do: the next run goes to another one.',
    again: true,
  },
  internal_error: {
    meaning: `A fault of ours. ${kept}`,
    todo: 'The next run tries again. If it fails the same way, give the reference below to whoever runs FossaWork for you.',
    again: true,
  },
  skipped_overlap: { meaning: 'It did not run, because the run before was still going.', todo: 'Nothing to do.' },
  paused: { meaning: 'It did not run, because the schedule was paused.', todo: 'Resume the schedule to have it run again.' },
  breaker_open: {
    meaning: `The portal was down for many accounts, so this run was not tried. ${kept}`,
    todo: 'Nothing to do: it is tried again by itself, and everything goes on when the portal answers.',
  },
  held_credentials: {
    meaning: 'It did not run, because the portal login has to be renewed first.',
    todo: 'Sign in again in Settings.',
    signIn: true,
  },
}

export const adviceFor = (run: Run): Advice | undefined => (run.outcome ? advice[run.outcome] : undefined)

const fieldNames: Record<string, string> = {
  site_name: 'Site',
  customer_name: 'Customer',
  customer_id: 'Customer number',
  location_id: 'Location number',
  customer_url: 'Link to the location',
  city_state: 'City',
  portal_status: 'Status at the portal',
  scheduled_date: 'Visit',
  due_date: 'Due',
  visit_id: 'Visit number',
  visit_url: 'Link to the visit',
  visits_done: 'Visits done',
  visits_planned: 'Visits planned',
  created_date: 'Created',
  stand_alone_code: 'Stand-alone code',
  number_of_nozzles: 'Nozzles per side',
  grades_list: 'Grades',
  dispenser_numbers: 'Dispenser numbers',
  custom_fields: 'Other fields',
}

/** service_code -> Service code */
export function fieldName(name: string): string {
  const text = name.replaceAll('_', ' ')
  return fieldNames[name] ?? text.charAt(0).toUpperCase() + text.slice(1)
}

/** A value of a field as text; dates of the portal have no zone, and are shown as the portal shows them. */
export function value(of: unknown): string {
  if (of === null || of === undefined || of === '') return 'nothing'
  if (typeof of === 'boolean') return of ? 'yes' : 'no'
  if (typeof of === 'number') return of.toLocaleString()
  if (Array.isArray(of)) return of.length ? of.map(value).join(', ') : 'nothing'
  if (typeof of === 'object')
    return Object.entries(of)
      .map(([name, each]) => `${fieldName(name)}: ${value(each)}`)
      .join(', ')
  const text = String(of)
  const date = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}$/.exec(text)
  if (!date) return text
  const options: Intl.DateTimeFormatOptions = { timeZone: 'UTC', month: 'short', day: 'numeric', year: 'numeric' }
  if (date[2] !== '00:00') Object.assign(options, { hour: 'numeric', minute: '2-digit' })
  return new Date(`${text}Z`).toLocaleString(undefined, options)
}
