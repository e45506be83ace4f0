import { Text, Tooltip, UnstyledButton } from '@mantine/core'
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { hourName } from '../../time/zone'
import { choose, dayNames, isActive, stateOf, toggleDay, week, type Cell, type Window } from './hours'
import classes from './HoursGrid.module.css'

interface HoursGridProps {
  value: Window
  onChange: (value: Window) => void
}

const hoursOfDay = Array.from({ length: 24 }, (_, hour) => hour)

function cellAt(element: Element | null): Cell | undefined {
  const cell = element?.closest<HTMLElement>('[data-cell]')
  if (!cell) return
  const [row, hour] = (cell.dataset.cell ?? '').split(' ').map(Number)
  return { row: row ?? 0, hour: hour ?? 0 }
}

/**
 * Shows when something may run, and lets one choose it: drag over the hours, or take the first and then the last one, by pointer or
 * with arrow keys and space. The hours are the same on every chosen day.
 */
export function HoursGrid({ value, onChange }: HoursGridProps) {
  const [from, setFrom] = useState<Cell>()
  const [at, setAt] = useState<Cell>({ row: 0, hour: value.hours?.start ?? 0 })
  const dragged = useRef(false)
  const grid = useRef<HTMLDivElement>(null)
  const chosen = (row: number, hour: number) =>
    from !== undefined &&
    row >= Math.min(from.row, at.row) &&
    row <= Math.max(from.row, at.row) &&
    hour >= Math.min(from.hour, at.hour) &&
    hour <= Math.max(from.hour, at.hour)

  const finish = (to: Cell) => {
    if (from) onChange(choose(value, from, to))
    setFrom(undefined)
  }
  const down = (event: PointerEvent) => {
    const cell = cellAt(event.target as Element)
    if (!cell || event.button !== 0) return
    setAt(cell)
    // A second tap ends what a first one began.
    if (from) return finish(cell)
    dragged.current = true
    // A drag that ends outside of the grid ends, too.
    grid.current?.setPointerCapture?.(event.pointerId)
    setFrom(cell)
  }
  const move = (event: PointerEvent) => {
    const cell = dragged.current && cellAt(document.elementFromPoint(event.clientX, event.clientY))
    if (cell && (cell.row !== at.row || cell.hour !== at.hour)) setAt(cell)
  }
  const up = () => {
    if (!dragged.current) return
    dragged.current = false
    // A tap without a drag waits for the last hour.
    if (from && (at.row !== from.row || at.hour !== from.hour)) finish(at)
  }
  const key = (event: KeyboardEvent) => {
    const to = { ...at }
    if (event.key === 'ArrowLeft') to.hour = Math.max(0, at.hour - 1)
    else if (event.key === 'ArrowRight') to.hour = Math.min(23, at.hour + 1)
    else if (event.key === 'ArrowUp') to.row = Math.max(0, at.row - 1)
    else if (event.key === 'ArrowDown') to.row = Math.min(6, at.row + 1)
    else if (event.key === 'Home') to.hour = 0
    else if (event.key === 'End') to.hour = 23
    else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault()
      return from ? finish(at) : setFrom(at)
    } else if (event.key === 'Escape' && from) return setFrom(undefined)
    else return
    event.preventDefault()
    setAt(to)
    grid.current?.querySelector<HTMLElement>(`[data-cell="${to.row} ${to.hour}"]`)?.focus()
  }

  return (
    <div className={classes.all}>
      <div className={`${classes.row} ${classes.scale}`} aria-hidden>
        <span />
        {[0, 6, 12, 18].map((hour) => (
          <span key={hour}>{hourName(hour)}</span>
        ))}
      </div>
      <div
        ref={grid}
        role="grid"
        aria-label="Days and hours in which it runs"
        aria-multiselectable
        className={classes.grid}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => {
          dragged.current = false
          setFrom(undefined)
        }}
      >
        {week.map((day, row) => {
          const name = dayNames[day] ?? ''
          const active = isActive(value.days, day)
          const only = active && value.days.length === 1
          return (
            <div role="row" key={day} className={classes.row}>
              <div role="rowheader" aria-label={name} style={{ display: 'grid' }}>
                <Tooltip label="At least one day is needed" disabled={!only} events={{ hover: true, focus: true, touch: true }}>
                  <UnstyledButton
                    className={classes.day}
                    aria-pressed={active}
                    aria-disabled={only}
                    onClick={() => onChange({ ...value, days: toggleDay(value.days, day) })}
                  >
                    {name.slice(0, 3)}
                  </UnstyledButton>
                </Tooltip>
              </div>
              {hoursOfDay.map((hour) => {
                const state = stateOf(value, { row, hour })
                return (
                  <div
                    key={hour}
                    role="gridcell"
                    data-cell={`${row} ${hour}`}
                    data-state={state}
                    data-chosen={chosen(row, hour) || undefined}
                    aria-selected={state !== 'off'}
                    aria-label={`${name} ${hourName(hour)}`}
                    tabIndex={at.row === row && at.hour === hour ? 0 : -1}
                    className={classes.cell}
                    onPointerDown={down}
                    onKeyDown={key}
                  />
                )
              })}
            </div>
          )
        })}
      </div>
      <Text size="xs" c="dimmed" mt={6} role="status">
        {from
          ? `From ${hourName(from.hour)}. Now choose the last hour; Escape takes it back.`
          : 'A day’s name leaves the day out, or takes it in. Drag over the hours, or choose the first and then the last one; they are the same on every day.'}
      </Text>
    </div>
  )
}
