// The window of hours and the days on which it opens, as a grid of 7 days by 24 hours.
import type { Hours } from './form'

/** Weekdays in the order of the grid, Monday first; 0 is Sunday. */
export const week = [1, 2, 3, 4, 5, 6, 0]
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

export interface Window {
  hours: Hours | undefined
  days: number[]
}

export interface Cell {
  row: number
  hour: number
}

export const isActive = (days: number[], day: number) => days.length === 0 || days.includes(day)

/** Whether something may run: on = in the day's own window, tail = in the window that opened the day before. */
export function stateOf({ hours, days }: Window, { row, hour }: Cell): 'on' | 'tail' | 'off' {
  const day = week[row] ?? 0
  const active = isActive(days, day)
  if (!hours) return active ? 'on' : 'off'
  const over = hours.end <= hours.start
  if (active && hour >= hours.start && (over || hour < hours.end)) return 'on'
  return over && hour < hours.end && isActive(days, (day + 6) % 7) ? 'tail' : 'off'
}

/** What choosing from one cell to another makes of it: those hours, and those days where it spans several. */
export function choose({ days }: Window, from: Cell, to: Cell): Window {
  const start = Math.min(from.hour, to.hour)
  const end = Math.max(from.hour, to.hour) + 1
  const hours = start === 0 && end === 24 ? undefined : { start, end }
  const top = Math.min(from.row, to.row)
  const bottom = Math.max(from.row, to.row)
  if (top !== bottom) return { hours, days: tidy(week.slice(top, bottom + 1)) }
  const day = week[top] ?? 0
  return { hours, days: isActive(days, day) ? days : tidy([...days, day]) }
}

/** All seven days are written as none. */
export const tidy = (days: number[]) => {
  const each = [...new Set(days)].sort((a, b) => a - b)
  return each.length === 7 ? [] : each
}

/** Switches a day on or off; the last one stays, since none would mean every day. */
export function toggleDay(days: number[], day: number): number[] {
  const active = week.filter((each) => isActive(days, each))
  const next = active.includes(day) ? active.filter((each) => each !== day) : [...active, day]
  return next.length === 0 ? days : tidy(next)
}
