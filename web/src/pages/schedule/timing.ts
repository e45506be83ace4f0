// The settings of a schedule in words.
import { count } from '../../outcomes'
import { hourName } from '../../time/zone'
import { weekdays } from './heat'
import type { Schedule } from './queries'

export interface Said {
  name: string
  text: string
}

const list = (texts: string[]) => new Intl.ListFormat('en').format(texts)

export function sayDays(days: number[]): string {
  const key = [...days].sort((a, b) => a - b).join()
  if (days.length === 0 || days.length === 7) return 'Every day'
  if (key === '1,2,3,4,5') return 'Monday to Friday'
  if (key === '0,6') return 'Saturday and Sunday'
  return list([...days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((day) => weekdays[day] ?? ''))
}

export function sayHours(hours: { start: number; end: number } | null): string {
  if (!hours) return 'Around the clock'
  return `${hourName(hours.start)} to ${hourName(hours.end)}${hours.end < hours.start ? ' the next day' : ''}`
}

const day = (date: string) =>
  new Date(`${date}T12:00:00Z`).toLocaleDateString(undefined, { timeZone: 'UTC', dateStyle: 'medium' })

const percent = (share: number) => share.toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 })

/** When it runs and what becomes of slots that cannot. */
export function sayTiming(s: Schedule): Said[] {
  const twice = s.dst_policy === 'twice'
  return [
    { name: 'Hours', text: sayHours(s.active_hours as { start: number; end: number } | null) },
    { name: 'Days', text: sayDays(s.active_days) },
    { name: 'Skip dates', text: s.skip_dates.length ? s.skip_dates.map(day).join(', ') : 'None' },
    { name: 'Zone', text: s.timezone },
    {
      name: 'When the clocks go back',
      text: twice ? 'A slot in the hour that comes twice runs twice' : 'A slot in the hour that comes twice runs once',
    },
    {
      name: 'Slots missed while the scheduler was away',
      text: { none: 'Are let go', last: 'The last one is made up for', all: 'Are all made up for' }[s.catchup],
    },
    {
      name: 'Slots that come while a run is going',
      text: s.overlap === 'skip' ? 'Are left out' : 'One waits and runs right after, the others are left out',
    },
    {
      name: 'Data counts as fresh for',
      text: s.max_age_hours === null ? 'As long as its slots keep up' : count(s.max_age_hours, 'hour'),
    },
  ]
}

/** What the job does, from its settings. */
export function sayJob(settings: Schedule['settings']): Said[] {
  if ('fresh_hours' in settings)
    return [
      {
        name: 'A site is read again',
        text:
          settings.fresh_hours === 0
            ? 'In every run'
            : `When its last reading is older than ${count(settings.fresh_hours, 'hour')}`,
      },
      { name: 'Service codes whose sites are read', text: settings.service_codes.join(', ') || 'None' },
      {
        name: 'A site without dispensers',
        text: settings.none_is_right ? 'Is believed' : 'Is held for you when it had some before',
      },
    ]
  if ('days_ahead' in settings)
    return [
      {
        name: 'Looks ahead',
        text:
          settings.days_ahead === 0 ? 'At all work orders' : `${count(settings.days_ahead, 'day')}, and at overdue work orders`,
      },
      { name: 'Quantities set by hand', text: count(Object.keys(settings.overrides).length, 'quantity', 'quantities') },
    ]
  return [
    {
      name: 'Held for you',
      text: `When more than ${count(settings.may_lose, 'work order')} and more than ${percent(settings.may_lose_share)} of them vanish at once; more than ${percent(settings.emptied_share)} lose the same field; or more than ${percent(settings.unreadable_share)} of the rows cannot be read`,
    },
    { name: 'An empty list', text: settings.empty_is_right ? 'Is believed when the portal confirms it' : 'Is held for you' },
  ]
}
