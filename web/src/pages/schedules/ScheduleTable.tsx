import { Checkbox } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { keys, useJobTypes } from '../../api/queries'
import { useRecentRuns, type Schedule } from './queries'
import type { Ask } from './RowActions'
import { ScheduleRow } from './ScheduleRow'
import classes from './Schedules.module.css'
import type { Selection } from './selection'

interface ScheduleTableProps {
  schedules: Schedule[]
  /** There are more than these. */
  more: boolean
  onMore: () => void
  /** These belong to other filters; the right ones are on their way. */
  waiting: boolean
  selection: Selection
  onAsk: (ask: Ask) => void
}

const columns = ['Schedule', 'Status', 'Next run', 'Last run', 'Durations', 'Actions']
/** Recent runs are asked for by so many schedules at a time. */
const block = 50

/** The list. Only the rows near the screen exist, however many schedules there are. */
export function ScheduleTable({ schedules, more, onMore, waiting, selection, onAsk }: ScheduleTableProps) {
  const body = useRef<HTMLDivElement>(null)
  const cards = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false })
  const [above, setAbove] = useState(0)
  // A row that has the focus stays, also when it is scrolled away: else the focus would be lost.
  const [held, setHeld] = useState<number>()
  // What stands above may change its height at any time; it settles at once, since the same height changes nothing.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    const top = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY
    if (Math.abs(top - above) > 1) setAbove(top)
  })
  const virtual = useWindowVirtualizer({
    count: schedules.length,
    estimateSize: () => (cards ? 230 : 76),
    overscan: 6,
    scrollMargin: above,
    getItemKey: (index) => schedules[index]?.id ?? index,
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
    if (more && last > schedules.length - 100) onMore()
  }, [more, last, schedules.length, onMore])

  const recent = useVisibleRuns(schedules, first, last)
  const titles = new Map(useJobTypes().data?.map((type) => [type.type, type.title]))
  const { select, has } = selection
  const all = schedules.length > 0 && schedules.every((schedule) => has(schedule.id))
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
                index={row.index}
                selected={has(schedule.id)}
                onSelect={onSelect}
                onAsk={onAsk}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** The newest runs of the schedules on screen; when one starts or ends, the schedules are asked for again. */
function useVisibleRuns(schedules: Schedule[], first: number, last: number) {
  const from = Math.floor(first / block)
  const to = Math.floor(Math.max(last, 0) / block)
  const blocks = useMemo(() => {
    const asked: number[][] = []
    for (let at = from; at <= to; at++) {
      const ids = schedules.slice(at * block, (at + 1) * block).map((schedule) => schedule.id)
      if (ids.length > 0) asked.push(ids)
    }
    return asked
  }, [schedules, from, to])
  const recent = useRecentRuns(blocks)
  const client = useQueryClient()
  const going = [...recent.values()]
    .flatMap((each) => each.runs.filter((run) => run.outcome === null).map((run) => run.id))
    .join()
  const before = useRef({ from, to, going })
  useEffect(() => {
    const same = before.current.from === from && before.current.to === to
    const changed = same && before.current.going !== going
    before.current = { from, to, going }
    if (changed) void client.invalidateQueries({ queryKey: [...keys.schedules, 'list'] })
  }, [from, to, going, client])
  return recent
}
