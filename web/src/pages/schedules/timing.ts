// When a schedule runs, short enough for a column. The server's own sentence stands on the schedule's page.
import type { Schemas } from '../../api/client'
import { count } from '../../outcomes'
import { hourName, inClock } from '../../time/zone'

type Timing = Pick<Schemas['Schedule'], 'interval_hours' | 'cron' | 'active_hours' | 'active_days'>

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Every 90 minutes, Every hour, Every 1 h 30 min is never said. */
export function sayInterval(hours: number): string {
  const seconds = Math.round(hours * 3600)
  if (seconds < 60) return `Every ${count(seconds, 'second')}`
  const minutes = Math.round(hours * 60)
  if (minutes === 60) return 'Every hour'
  if (minutes === 24 * 60) return 'Once a day'
  if (minutes === 1) return 'Every minute'
  return minutes % 60 === 0 ? `Every ${minutes / 60} hours` : `Every ${minutes} minutes`
}

/** Mon-Fri, Sat and Sun, Tue, Thu; nothing for every day. */
export function sayDays(days: readonly number[]): string {
  const monday = [...new Set(days)].map((day) => (day + 6) % 7).sort((a, b) => a - b)
  if (monday.length === 0 || monday.length === 7) return ''
  const name = (day: number) => dayNames[(day + 1) % 7] ?? ''
  const first = monday[0] ?? 0
  const last = monday.at(-1) ?? 0
  if (monday.length > 2 && last - first === monday.length - 1) return `${name(first)}–${name(last)}`
  return monday.map(name).join(', ')
}

const time = (hour: number, minute: number) => inClock(`${hour}:${String(minute).padStart(2, '0')}`)

/** A cron line that only says times and weekdays, in words; undefined for any other. */
export function sayCron(line: string): string | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = '', more] = line.trim().split(/\s+/)
  if (more !== undefined || day !== '*' || month !== '*') return
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}(,\d{1,2})*$/.test(hour)) return
  const days = weekdays(weekday)
  if (days === undefined) return
  const times = hour.split(',').map((each) => time(Number(each), Number(minute)))
  return `${times.join(', ')} ${sayDays(days) || 'every day'}`
}

function weekdays(field: string): number[] | undefined {
  if (field === '*') return []
  const days: number[] = []
  for (const part of field.split(',')) {
    const range = /^([0-7])(?:-([0-7]))?$/.exec(part)
    if (!range) return
    const from = Number(range[1])
    for (let day = from; day <= Number(range[2] ?? from); day++) days.push(day % 7)
  }
  return days
}

/** "Every hour, 6 AM to 10 PM, Mon–Fri", "At 6:00 AM, 6:00 PM Mon–Fri", "3 cron lines". */
export function sayTiming(timing: Timing): string {
  const parts: string[] = []
  if (timing.cron.length > 0) {
    const said = timing.cron.map(sayCron)
    if (said.length <= 2 && said.every((each) => each !== undefined)) parts.push(`At ${said.join('; ')}`)
    else parts.push(timing.cron.length === 1 ? `Cron ${timing.cron[0]}` : count(timing.cron.length, 'cron line'))
  } else parts.push(sayInterval(timing.interval_hours))
  const hours = timing.active_hours
  if (hours && !(hours.start === 0 && hours.end === 24)) parts.push(`${hourName(hours.start)} to ${hourName(hours.end)}`)
  const days = sayDays(timing.active_days)
  if (days) parts.push(days)
  return parts.join(', ')
}
