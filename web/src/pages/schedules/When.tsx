import { useNow } from '../../time/now'
import { useViewerZone } from '../../time/viewer'
import { distanceBeside, sameClock, when, zoneName } from '../../time/zone'
import classes from './Schedules.module.css'

/** As Time, in plain elements: hundreds of them come and go in a second. Tip shows the rest when one is pointed at. */
export function When({ at, zone }: { at: string; zone: string }) {
  const now = useNow()
  const viewer = useViewerZone()
  const moment = new Date(at)
  const absolute = when(moment, zone, now)
  return (
    <time dateTime={moment.toISOString()} data-zone={zone}>
      {absolute} {zoneName(moment, zone)}
      {!sameClock(moment, zone, viewer) && <span className={classes.dim}> ({when(moment, viewer, now)} your time)</span>}{' '}
      <span className={classes.far}>{distanceBeside(absolute, moment, now)}</span>
    </time>
  )
}
