import { hourName, inClock } from '../../time/zone'
import type { Hours } from './form'

/** Minutes from run to run that people ask for. */
export const intervals = [
  { minutes: 30, label: '30 min' },
  { minutes: 60, label: '1 hour' },
  { minutes: 120, label: '2 hours' },
  { minutes: 240, label: '4 hours' },
  { minutes: 360, label: '6 hours' },
  { minutes: 720, label: '12 hours' },
  { minutes: 1440, label: '1 day' },
]

export const cronPresets = [
  { label: 'Weekdays at 6:00 and 18:00', lines: ['0 6,18 * * 1-5'] },
  { label: 'Every day at 6:00', lines: ['0 6 * * *'] },
  { label: 'Mondays at 7:00', lines: ['0 7 * * 1'] },
  { label: 'Weekdays hourly, 7:00 to 18:00', lines: ['0 7-18 * * 1-5'] },
  { label: 'Weekdays at 6:30, weekends at 9:00', lines: ['30 6 * * 1-5', '0 9 * * 0,6'] },
  { label: 'First of the month at 5:00', lines: ['0 5 1 * *'] },
].map((preset) => ({ ...preset, label: inClock(preset.label) }))

interface HoursPreset {
  label: string
  hours: Hours | undefined
  days: number[]
}

export const hoursPresets: HoursPreset[] = [
  { label: 'Around the clock', hours: undefined, days: [] },
  { label: `Mon–Fri, ${hourName(7)} to ${hourName(19)}`, hours: { start: 7, end: 19 }, days: [1, 2, 3, 4, 5] },
  { label: `Every day, ${hourName(6)} to ${hourName(22)}`, hours: { start: 6, end: 22 }, days: [] },
]

/** A line for one time of day on some weekdays; no days are all of them. */
export function cronLine(time: string, days: number[]): string {
  const [hour = '0', minute = '0'] = time.split(':')
  const field = days.length === 0 || days.length === 7 ? '*' : [...days].sort((a, b) => a - b).join(',')
  return `${Number(minute)} ${Number(hour)} * * ${field}`
}
