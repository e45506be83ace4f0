import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useMemo, useRef } from 'react'
import { useLook, useRecentRuns, useStarts, type Schedule } from './queries'

/** Recent runs are asked for by so many schedules at a time. */
const block = 50

/** The newest runs of the schedules on screen; when one starts or ends, the schedules on screen are asked for again. */
export function useVisibleRuns(schedules: Schedule[], first: number, last: number) {
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
  // What is only scrolled past is not asked for.
  const here = `${from}-${to}`
  const [rest] = useDebouncedValue(here, 250)
  const recent = useRecentRuns(blocks, rest === here)
  const going = useMemo(
    () =>
      [...recent.values()]
        .flatMap((each) => each.runs.filter((run) => run.outcome === null).map((run) => run.id))
        .sort((a, b) => a - b)
        .join(),
    [recent],
  )
  const look = useLook()
  const before = useRef({ from, to, going })
  useEffect(() => {
    const same = before.current.from === from && before.current.to === to
    const changed = same && before.current.going !== going
    before.current = { from, to, going }
    if (changed) look()
  }, [from, to, going, look])
  return { recent, starts: useStarts(going) }
}
