import { Tooltip } from '@mantine/core'
import { useEffect, useState, type RefObject } from 'react'
import { distance, exact } from '../../time/zone'

const delay = 250

function say(element: HTMLElement): string {
  if (element.dataset.tip !== undefined) return element.dataset.tip
  const moment = new Date((element as HTMLTimeElement).dateTime)
  return `${exact(moment, element.dataset.zone ?? 'UTC')} (${distance(moment, new Date())})`
}

/** One tooltip for all rows, of whatever has a data-tip or is a time. One for each would cost more than the rows themselves. */
export function Tip({ within }: { within: RefObject<HTMLElement | null> }) {
  const [shown, setShown] = useState<{ element: HTMLElement; text: string }>()
  useEffect(() => {
    const list = within.current
    if (!list) return
    const ended = new AbortController()
    const { signal } = ended
    let over: HTMLElement | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const hide = () => {
      clearTimeout(timer)
      over = undefined
      setShown(undefined)
    }
    const show = (event: Event) => {
      const element = (event.target as Element).closest<HTMLElement>('[data-tip], time') ?? undefined
      if (element === over) return
      hide()
      if (!element || (event.type === 'focusin' && !element.matches(':focus-visible'))) return
      over = element
      timer = setTimeout(() => setShown({ element, text: say(element) }), delay)
    }
    list.addEventListener('pointerover', show, { signal })
    list.addEventListener('focusin', show, { signal })
    list.addEventListener('pointerleave', hide, { signal })
    list.addEventListener('focusout', hide, { signal })
    // What was pressed is known, and may show something of its own: it stays silent until it is pointed at anew.
    const silence = () => {
      clearTimeout(timer)
      setShown(undefined)
    }
    list.addEventListener('click', silence, { signal })
    window.addEventListener('scroll', hide, { signal, passive: true })
    window.addEventListener('keydown', (event) => event.key === 'Escape' && hide(), { signal })
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [within])
  return shown && <Tooltip opened target={shown.element} label={shown.text} multiline maw={320} />
}
