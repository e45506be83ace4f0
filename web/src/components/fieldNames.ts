// The fields of a schedule as people call them.
import { count } from '../outcomes'

export const fieldNames: Record<string, string> = {
  name: 'the name',
  interval_hours: 'how often it runs',
  cron: 'its times',
  active_hours: 'the hours',
  active_days: 'the days',
  timezone: 'the time zone',
  skip_dates: 'the dates without runs',
  starts_at: 'the start',
  ends_at: 'the end',
  offset_seconds: 'the offset',
  dst_policy: 'what happens when clocks change',
  catchup: 'what happens with missed runs',
  overlap: 'what happens with overlapping runs',
  max_age_hours: 'how old its data may be',
  enabled: 'whether it is paused',
  pause_reason: 'why it is paused',
  settings: 'what it collects',
}

/** A sentence of the server with the names of its fields as the editor has them. */
export function plain(message: string): string {
  const bounds = /^interval_hours must be between ([\d.]+) and ([\d.]+)\.$/.exec(message)
  if (bounds) return `Choose from ${count(Math.ceil(Number(bounds[1]) * 60 - 0.01), 'minute')} to ${bounds[2]} hours.`
  const said = message.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => fieldNames[name] ?? name.replaceAll('_', ' '))
  return said.charAt(0).toUpperCase() + said.slice(1)
}
