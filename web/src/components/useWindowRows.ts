import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'

/** Only the rows near the window are rendered, so that a thousand of them scroll smoothly. The list itself has no scrollbar of its own. */
export function useWindowRows(count: number, height: number, keyOf: (index: number) => string) {
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  // Where the list begins depends on everything above it.
  useEffect(() => {
    const measure = () => {
      if (list.current) setTop(Math.round(list.current.getBoundingClientRect().top + window.scrollY))
    }
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  const rows = useWindowVirtualizer({ count, estimateSize: () => height, overscan: 8, scrollMargin: top, getItemKey: keyOf })
  const items = rows.getVirtualItems()
  const first = items[0]
  const last = items[items.length - 1]
  return {
    list,
    items,
    measure: rows.measureElement,
    /** Empty space instead of the rows before and after, in pixels. */
    before: first ? first.start - top : 0,
    after: last ? rows.getTotalSize() - (last.end - top) : 0,
  }
}
