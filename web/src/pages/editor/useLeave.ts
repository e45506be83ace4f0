import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'

/** Asks before unsaved changes are left: by a link in the page, by the Back button of the editor, and by closing the window. */
export function useLeave(unsaved: boolean) {
  const navigate = useNavigate()
  const [going, setGoing] = useState<string>()

  useEffect(() => {
    if (!unsaved) return
    const closing = (event: BeforeUnloadEvent) => event.preventDefault()
    const follow = (event: MouseEvent) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
      const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href]')
      if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return
      const to = link.pathname + link.search + link.hash
      if (link.pathname === window.location.pathname) return
      event.preventDefault()
      event.stopPropagation()
      setGoing(to)
    }
    window.addEventListener('beforeunload', closing)
    document.addEventListener('click', follow, true)
    return () => {
      window.removeEventListener('beforeunload', closing)
      document.removeEventListener('click', follow, true)
    }
  }, [unsaved])

  return {
    asking: going !== undefined,
    stay: () => setGoing(undefined),
    leave: () => going !== undefined && void navigate(going),
    /** Goes there at once, or asks first. */
    goTo: (to: string) => (unsaved ? setGoing(to) : void navigate(to)),
  }
}
