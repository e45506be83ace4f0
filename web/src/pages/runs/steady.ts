import { useState } from 'react'
import type { Schemas } from '../../api/client'

type Run = Schemas['Run']

/** Splits off the runs that are newer than the newest one on screen. */
export function split(runs: Run[], top: string | undefined): { shown: Run[]; newer: number } {
  if (top === undefined) return { shown: runs, newer: 0 }
  const shown = runs.filter((run) => run.started_at <= top)
  return { shown, newer: runs.length - shown.length }
}

/**
 * Keeps rows where they are while somebody points at them or has the focus among them: what is new waits behind a button. `around`
 * goes on the element around the rows; `list` names the list, so that another one is not taken for news.
 */
export function useSteady(all: Run[], list: string) {
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const newest = all[0]?.started_at
  const [top, setTop] = useState({ list, at: newest })
  const held = (pointed || focused) && top.list === list && top.at !== undefined
  if (!held && (top.list !== list || top.at !== newest)) setTop({ list, at: newest })
  const { shown, newer } = held ? split(all, top.at) : { shown: all, newer: 0 }
  return {
    runs: shown,
    newer,
    showNewer: () => setTop({ list, at: newest }),
    around: {
      onPointerEnter: () => setPointed(true),
      onPointerLeave: () => setPointed(false),
      onFocus: () => setFocused(true),
      onBlur: () => setFocused(false),
    },
  }
}
