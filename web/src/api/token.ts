// The access token. It is kept in this browser, so that a reload or a second tab needs no new sign-in, and is shared by all tabs.

const place = 'fossawork.token'
const listeners = new Set<() => void>()
let ended = false

function tell() {
  for (const listener of listeners) listener()
}

// Another tab has signed in or out.
window.addEventListener('storage', (event) => {
  if (event.key === place || event.key === null) {
    ended = false
    tell()
  }
})

export const token = {
  read: (): string | null => localStorage.getItem(place),
  keep(text: string) {
    ended = false
    localStorage.setItem(place, text)
    tell()
  },
  forget() {
    ended = false
    localStorage.removeItem(place)
    tell()
  },
  /** The server no longer takes it: the page stays and asks for the password again. */
  expired() {
    if (ended) return
    ended = true
    tell()
  },
  hasEnded: () => ended,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
