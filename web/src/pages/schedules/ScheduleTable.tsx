import { Checkbox } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useJobTypes } from '../../api/queries'
import type { Schedule } from './queries'
import type { Ask, Pressed } from './RowActions'
import { RowMenu, RunRefused, usePopup, useStart } from './RowPopups'
import { ScheduleRow } from './ScheduleRow'
import classes from './Schedules.module.css'
import type { Selection } from './selection'
import { Tip } from './Tip'
import { useVisibleRuns } from './visibleRuns'

interface ScheduleTableProps {
  schedules: Schedule[]
  /** There are more than these. */
  more: boolean
  onMore: () => void
  /** Which of them are on screen, whenever scrolling rests. */
  onSeen: (first: number, last: number) => void
  /** These belong to other filters; the right ones are on their way. */
  waiting: boolean
  selection: Selection
  onAsk: (ask: Ask) => void
}

const columns = ['Schedule', 'Status', 'Next run', 'Last run', 'Durations', 'Actions']

/** The list. Only the rows near the screen exist, however many schedules there are. */
export function ScheduleTable({ schedules, more, onMore, onSeen, waiting, selection, onAsk }: ScheduleTableProps) {
  const body = useRef<HTMLDivElement>(null)
  const cards = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false })
  const [above, setAbove] = useState(0)
  // A row that has the focus stays, also when it is scrolled away: else the focus would be lost.
  const [held, setHeld] = useState<number>()
  // What stands above may change its height at any time, and with it that of the page. An observer is told after the layout, so that
  // measuring costs nothing.
  useLayoutEffect(() => {
    const measure = () => {
      const top = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY
      setAbove((before) => (Math.abs(top - before) > 1 ? top : before))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  const virtual = useWindowVirtualizer({
    count: schedules.length,
    estimateSize: () => (cards ? 230 : 76),
    overscan: 4,
    scrollMargin: above,
    // The same function for the same rows: another one has every row measured again.
    getItemKey: useCallback((index: number) => schedules[index]?.id ?? index, [schedules]),
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range)
        if (held === undefined || held >= range.count || shown.includes(held)) return shown
        return [...shown, held].sort((a, b) => a - b)
      },
      [held],
    ),
  })
  const rows = virtual.getVirtualItems()
  const first = virtual.range?.startIndex ?? 0
  const last = virtual.range?.endIndex ?? 0

  useEffect(() => {
    if (more && last > schedules.length - 250) onMore()
  }, [more, last, schedules.length, onMore])

  const { isScrolling } = virtual
  useEffect(() => {
    if (!isScrolling) onSeen(first, last)
  }, [isScrolling, first, last, onSeen])

  const { recent, starts } = useVisibleRuns(schedules, first, last)
  const types = useJobTypes().data
  const titles = useMemo(() => new Map(types?.map((type) => [type.type, type.title])), [types])
  const { start, starting, refused } = useStart()
  const { open: openMenu, ...menu } = usePopup<Pressed>()
  const { select, has } = selection
  const all = schedules.length > 0 && selection.size >= schedules.length && schedules.every((schedule) => has(schedule.id))
  const latest = useRef(schedules)
  useLayoutEffect(() => {
    latest.current = schedules
  })
  const anchor = useRef<number>(undefined)
  const onSelect = useCallback(
    (index: number, selected: boolean, range: boolean) => {
      const from = range ? (anchor.current ?? index) : index
      const ids = latest.current.slice(Math.min(from, index), Math.max(from, index) + 1).map((schedule) => schedule.id)
      anchor.current = index
      select(ids, selected)
    },
    [select],
  )

  return (
    <div
      role="table"
      aria-label="Schedules"
      aria-rowcount={more ? -1 : schedules.length + 1}
      aria-busy={waiting}
      className={`${classes.table} ${waiting ? classes.waiting : ''}`}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={classes.head}>
          <div role="columnheader">
            <label
              className={classes.tick}
              style={cards ? { display: 'flex', width: 'auto', alignItems: 'center', gap: 12, paddingLeft: 20 } : undefined}
            >
              <Checkbox
                aria-label="Select all shown"
                checked={all}
                indeterminate={!all && selection.size > 0}
                onChange={() =>
                  select(
                    schedules.map((schedule) => schedule.id),
                    !all,
                  )
                }
              />
              {cards && <span aria-hidden>Select all shown</span>}
            </label>
          </div>
          {columns.map((name) => (
            <div role="columnheader" key={name}>
              {name}
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        ref={body}
        className={classes.body}
        style={{ height: virtual.getTotalSize() }}
        onFocus={(event) => {
          const row = event.target.closest<HTMLElement>('[data-index]')
          if (row) setHeld(Number(row.dataset.index))
        }}
        onBlur={() => setHeld(undefined)}
      >
        {rows.map((row) => {
          const schedule = schedules[row.index]
          if (!schedule) return null
          return (
            <div
              key={row.key}
              role="presentation"
              data-index={row.index}
              ref={virtual.measureElement}
              className={classes.place}
              style={{ transform: `translateY(${row.start - above}px)` }}
            >
              <ScheduleRow
                schedule={schedule}
                title={titles.get(schedule.schedule_type)}
                recent={recent.get(schedule.id)}
                starts={starts}
                index={row.index}
                selected={has(schedule.id)}
                starting={starting.has(schedule.id)}
                open={menu.opened && menu.at?.schedule.id === schedule.id}
                onSelect={onSelect}
                onRun={start}
                onMenu={openMenu}
              />
            </div>
          )
        })}
      </div>
      <RowMenu {...menu} onAsk={onAsk} />
      <RunRefused {...refused} />
      <Tip within={body} />
    </div>
  )
}
