import { useNow } from '../../time/now'
import { useViewerZone } from '../../time/viewer'
import { distance, sameClock, when, zoneName } from '../../time/zone'
import classes from './Schedules.module.css'

/** As Time, in plain elements: hundreds of them come and go in a second. Tip shows the rest when one is pointed at. */
export function When({ at, zone }: { at: string; zone: string }) {
  const now = useNow()
  const viewer = useViewerZone()
  const moment = new Date(at)
  return (
    <time dateTime={moment.toISOString()} data-zone={zone}>
      {when(moment, zone, now)} {zoneName(moment, zone)}
      {!sameClock(moment, zone, viewer) && <span className={classes.dim}> ({when(moment, viewer, now)} your time)</span>}{' '}
      <span className={classes.far}>{distance(moment, now)}</span>
    </time>
  )
}
