// Whether the server was heard lately. Pages keep showing their last data; a banner says how old it is.

export interface Connection {
  /** Milliseconds since the epoch of the last answer; 0 before the first. */
  heardAt: number
  /** Since when nothing has answered; undefined while all is well. */
  lostAt?: number
}

let state: Connection = { heardAt: 0 }
const listeners = new Set<() => void>()

function set(next: Connection) {
  state = next
  for (const listener of listeners) listener()
}

export const connection = {
  get: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  heard() {
    const now = Date.now()
    // Pages need to know of a change, not of every answer.
    if (state.lostAt !== undefined || state.heardAt === 0) set({ heardAt: now })
    else state.heardAt = now
  },
  lost() {
    if (state.lostAt === undefined) set({ heardAt: state.heardAt, lostAt: Date.now() })
  },
}
