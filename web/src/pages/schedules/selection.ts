import { useCallback, useMemo, useState } from 'react'

export interface Selection {
  size: number
  ids: () => number[]
  has: (id: number) => boolean
  select: (ids: number[], selected: boolean) => void
  clear: () => void
}

/** Which schedules are selected, by id: what is asked for again keeps it. */
export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const select = useCallback(
    (ids: number[], selected: boolean) =>
      setChosen((before) => {
        const next = new Set(before)
        for (const id of ids) {
          if (selected) next.add(id)
          else next.delete(id)
        }
        return next
      }),
    [],
  )
  const clear = useCallback(() => setChosen(new Set()), [])
  return useMemo(
    () => ({ size: chosen.size, ids: () => [...chosen], has: (id) => chosen.has(id), select, clear }),
    [chosen, select, clear],
  )
}
