import { useEffect, useRef } from 'react'
import { useBlocker, useNavigate } from 'react-router'

/** Asks before unsaved changes are left: for another page, by whatever way, and by closing the window. */
export function useLeave(unsaved: boolean) {
  const navigate = useNavigate()
  const saved = useRef(false)
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => unsaved && !saved.current && currentLocation.pathname !== nextLocation.pathname,
  )

  useEffect(() => {
    if (!unsaved) return
    const closing = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', closing)
    return () => window.removeEventListener('beforeunload', closing)
  }, [unsaved])

  return {
    asking: blocker.state === 'blocked',
    stay: () => blocker.reset?.(),
    leave: () => blocker.proceed?.(),
    goTo: (to: string) => void navigate(to),
    /** Goes there after all was saved. */
    goSaved: (to: string) => {
      saved.current = true
      void navigate(to)
    },
  }
}
