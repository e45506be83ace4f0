import { useSyncExternalStore } from 'react'

/** A clock that moves in steps: everything that shows it moves together. */
function ticking(step: number) {
  let now = new Date()
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined

  function subscribe(listener: () => void) {
    listeners.add(listener)
    timer ??= setInterval(() => {
      now = new Date()
      for (const each of listeners) each()
    }, step)
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
    if (listeners.size === 0 && Date.now() - now.getTime() > step / 10) now = new Date()
    return now
  }

  return { subscribe, read }
}

const calm = ticking(10_000)
const quick = ticking(1_000)

/** The present time, renewed every ten seconds: for everything that says "5 minutes ago". */
export const useNow = () => useSyncExternalStore(calm.subscribe, calm.read)

/** The present time, renewed every second: for what people watch. */
export const useSeconds = () => useSyncExternalStore(quick.subscribe, quick.read)
