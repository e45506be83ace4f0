// Times as people read them: in a named zone, absolute first.

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

// Making one takes long beside using it.
const formats = new Map<string, Intl.DateTimeFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone })
    formats.set(key, found)
  }
  return found
}

/** The local date in a zone, 2030-01-02. */
export function localDate(at: Date, zone: string): string {
  let found = dates.get(zone)
  if (!found) {
    found = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    dates.set(zone, found)
  }
  return found.format(at)
}

export const clock = (at: Date, zone: string, seconds = false) =>
  format(zone, { hour: 'numeric', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(at)

const onClock = (hour: number, minute: number, second: number) => new Date(Date.UTC(2030, 0, 1, hour, minute, second))

/** A full hour of the day as this browser's clocks show it: 6 AM, 12 AM for 0 and for 24. */
export const hourName = (hour: number) => format('UTC', { hour: 'numeric' }).format(onClock(hour, 0, 0))

/** A sentence of the server, whose times are 6:00 and 21:43:05, with its times as this browser's clocks show them. */
export const inClock = (sentence: string) =>
  sentence.replace(/\b([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?\b/g, (_, hour: string, minute: string, second?: string) =>
    clock(onClock(Number(hour), Number(minute), Number(second ?? 0)), 'UTC', second !== undefined),
  )

/** The short name of a zone at a moment: CST, GMT+1. */
export function zoneName(at: Date, zone: string): string {
  return (
    format(zone, { timeZoneName: 'short' })
      .formatToParts(at)
      .find((part) => part.type === 'timeZoneName')?.value ?? zone
  )
}

/** "8:02 AM" today, "yesterday 8:02 AM", "Mon 8:02 AM" within a week, else with the date; the year only when it is another one. */
export function when(at: Date, zone: string, now: Date, seconds = false): string {
  const day = localDate(at, zone)
  const distance = Math.round((Date.parse(day) - Date.parse(localDate(now, zone))) / 86_400_000)
  const time = clock(at, zone, seconds)
  if (distance === 0) return time
  if (distance === -1) return `yesterday ${time}`
  if (distance === 1) return `tomorrow ${time}`
  if (distance > -7 && distance < 7) return `${format(zone, { weekday: 'short' }).format(at)} ${time}`
  const year = day.slice(0, 4) === localDate(now, zone).slice(0, 4) ? {} : { year: 'numeric' as const }
  return `${format(zone, { month: 'short', day: 'numeric', ...year }).format(at)}, ${time}`
}

/** Everything about a moment, for a tooltip: date, time to the second, zone. */
export const exact = (at: Date, zone: string) => format(zone, { dateStyle: 'full', timeStyle: 'long' }).format(at)

/** Whether two zones show the same clock at a moment. */
export function sameClock(at: Date, a: string, b: string): boolean {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'short', timeStyle: 'short' }
  return a === b || format(a, options).format(at) === format(b, options).format(at)
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** "in 5 minutes", "3 hours ago". */
export function distance(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000)
  const size = Math.abs(seconds)
  // The page's clock moves every ten seconds, so what has just happened may lie a little ahead of it.
  if (size < 45) return seconds > 10 ? 'in a moment' : 'just now'
  if (size < 45 * 60) return relative.format(Math.round(seconds / 60), 'minute')
  if (size < 22 * 3600) return relative.format(Math.round(seconds / 3600), 'hour')
  return relative.format(Math.round(seconds / 86_400), 'day')
}

/** The distance as it stands behind a moment; empty where "tomorrow 8:02 AM" has said it already. */
export function distanceBeside(absolute: string, at: Date, now: Date): string {
  const far = distance(at, now)
  return absolute.startsWith(far) ? '' : far
}

/** 0.4 s, 12 s, 1 min 5 s, 2 h 3 min. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes < 60) return join(`${minutes} min`, Math.round(seconds) % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return join(`${hours} h`, minutes % 60, 'min')
  return join(`${Math.floor(hours / 24)} d`, hours % 24, 'h')
}

const join = (whole: string, rest: number, unit: string) => (rest ? `${whole} ${rest} ${unit}` : whole)

/** Every zone that this browser knows, UTC first. */
export function allZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
}
