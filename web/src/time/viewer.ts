// The zone in which the person who looks reads times: the one chosen in the settings, else the device's.
import { useSyncExternalStore } from 'react'
import { browserZone } from './zone'

let chosen: string | null = null
const listeners = new Set<() => void>()

/** Whether this browser can show times in a zone; the server may know more of them. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const viewerZone = {
  get: () => chosen ?? browserZone,
  /** null: as the device. A zone that this browser does not know is left aside. */
  choose(zone: string | null) {
    const next = zone && isZone(zone) ? zone : null
    if (next === chosen) return
    chosen = next
    for (const listener of listeners) listener()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

export const useViewerZone = () => useSyncExternalStore(viewerZone.subscribe, viewerZone.get)
