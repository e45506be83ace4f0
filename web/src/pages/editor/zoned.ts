// Times of day as one types them, in the zone of the schedule: "2030-01-02T06:00" and the moment it means.

const formats = new Map<string, Intl.DateTimeFormat>()

function wall(at: number, zone: string): string {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(zone, format)
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`
}

/** A moment as a field of date and time shows it; empty for none. */
export const toField = (at: string | null, zone: string): string => (at === null ? '' : wall(Date.parse(at), zone))

/** The moment that a field means; null for an empty one. A time that the clocks leave out becomes the one an hour later. */
export function fromField(text: string, zone: string): string | null {
  if (text === '') return null
  const asUTC = Date.parse(`${text}Z`)
  const distance = (at: number) => Date.parse(`${wall(at, zone)}Z`) - at
  let at = asUTC - distance(asUTC)
  at = asUTC - distance(at)
  if (wall(at, zone) !== text) at = asUTC - Math.min(distance(at), distance(at - 3_600_000))
  return new Date(at).toISOString().replace('.000Z', 'Z')
}
