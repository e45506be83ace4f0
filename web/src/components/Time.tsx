import { Text, Tooltip, type TextProps } from '@mantine/core'
import { useNow } from '../time/now'
import { useViewerZone } from '../time/viewer'
import { distance, distanceBeside, exact, sameClock, when, zoneName } from '../time/zone'

interface TimeProps extends TextProps {
  at: string | Date
  /** The zone of the schedule; left out: the viewer's own. */
  zone?: string
  /** Also say how far away it is. */
  relative?: boolean
  /** Leave out the zone's name, where a heading names it. */
  bare?: boolean
  seconds?: boolean
}

/** A moment: absolute, in the schedule's zone with the zone named, with the viewer's own time beside it where the two differ. */
export function Time({ at, zone: given, relative, bare, seconds, ...text }: TimeProps) {
  const now = useNow()
  const viewer = useViewerZone()
  const zone = given ?? viewer
  const moment = new Date(at)
  const own = sameClock(moment, zone, viewer)
  const absolute = when(moment, zone, now, seconds)
  const far = relative && distanceBeside(absolute, moment, now)
  return (
    <Tooltip
      label={`${exact(moment, zone)} (${distance(moment, now)})`}
      events={{ hover: true, focus: true, touch: true }}
      multiline
      maw={320}
    >
      <Text component="time" inherit dateTime={moment.toISOString()} {...text}>
        {absolute}
        {!bare && ` ${zoneName(moment, zone)}`}
        {!own && !bare && (
          <Text span inherit c="dimmed">
            {' '}
            ({when(moment, viewer, now, seconds)} your time)
          </Text>
        )}
        {far && (
          <Text span inherit c="dimmed">
            {' '}
            {far}
          </Text>
        )}
      </Text>
    </Tooltip>
  )
}
