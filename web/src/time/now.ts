import { useSyncExternalStore } from 'react'

// One clock for the page: everything that says "5 minutes ago" moves together, every ten seconds.
let now = new Date()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, 10_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function read() {
  // A clock that stood still while nobody looked starts with the right time.
  if (listeners.size === 0 && Date.now() - now.getTime() > 1000) now = new Date()
  return now
}

/** The present time, renewed every ten seconds. */
export const useNow = () => useSyncExternalStore(subscribe, read)
