import { IconDots, IconLoader2, IconPlayerPlay } from '@tabler/icons-react'
import type { BulkAction, Schedule } from './queries'
import classes from './Schedules.module.css'

/** What somebody wants done, before they have agreed to what it means. */
export interface Ask {
  action: BulkAction
  ids: number[]
  /** The one schedule that it is about, when it was asked for in its row. */
  only?: { schedule: Schedule; name: string }
}

/** A schedule with the button of its row that was pressed. */
export interface Pressed {
  schedule: Schedule
  name: string
  button: HTMLElement
}

interface RowActionsProps {
  schedule: Schedule
  name: string
  /** It is being started just now. */
  starting: boolean
  /** A run is going, so that none can be started. */
  going: boolean
  /** Its menu is open. */
  open: boolean
  onRun: (pressed: Pressed) => void
  /** Opens the menu, or closes it. */
  onMenu: (pressed?: Pressed) => void
}

/** What can be done with one schedule. The menu and the answers stand beside the list, once for all rows. */
export function RowActions({ schedule, name, starting, going, open, onRun, onMenu }: RowActionsProps) {
  const reason = going ? 'A run is going already' : undefined
  // It keeps the focus and tells its reason, so it is not "disabled".
  const idle = going || starting
  return (
    <>
      <button
        type="button"
        className={classes.button}
        aria-label={`Run ${name} now`}
        aria-description={reason}
        aria-disabled={idle || undefined}
        data-tip={reason ?? 'Run now'}
        onClick={(event) => idle || onRun({ schedule, name, button: event.currentTarget })}
      >
        {starting ? <IconLoader2 size={18} aria-hidden className="turning" /> : <IconPlayerPlay size={18} aria-hidden />}
      </button>
      <button
        type="button"
        className={`${classes.button} ${classes.more}`}
        aria-label={`More for ${name}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={(event) => onMenu(open ? undefined : { schedule, name, button: event.currentTarget })}
      >
        <IconDots size={18} aria-hidden />
      </button>
    </>
  )
}
