// Renews the token quietly while its session lasts, once for all tabs of this browser.
import { answer, http } from '../api/client'
import { token } from '../api/token'
import { claimsOf, shouldRenew } from './claims'

const lookEvery = 60_000
/** A new token that lives hardly longer than the one before is the session's last: asking again brings nothing. */
const worthIt = 60

let last: string | null = null
let asking = false

async function renew() {
  const before = token.read()
  // Another tab may have renewed it while this one waited for its turn.
  if (!before || before === last || asking || token.hasEnded() || !shouldRenew(claimsOf(before), Date.now())) return
  asking = true
  try {
    const renewed = await answer(http.POST('/api/auth/refresh'))
    if ((claimsOf(renewed.access_token)?.exp ?? 0) - (claimsOf(before)?.exp ?? 0) < worthIt) last = renewed.access_token
    // Signed out or in again meanwhile: what came is of no use.
    if (token.read() === before) token.keep(renewed.access_token)
  } catch {
    // The token at hand is still good; the next look tries again. A session that is over shows by itself.
  } finally {
    asking = false
  }
}

/** Asks for one tab at a time where the browser can; else two tabs may renew at once, which harms nothing. */
const renewOnce = () => (navigator.locks ? navigator.locks.request('fossawork.refresh', renew) : renew())

/** Looks now, every minute, and when the tab comes back; call what is returned to end it. */
export function keepRenewing(): () => void {
  const look = () => void Promise.resolve(renewOnce()).catch(() => undefined)
  const timer = setInterval(look, lookEvery)
  document.addEventListener('visibilitychange', look)
  window.addEventListener('online', look)
  look()
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
    window.removeEventListener('online', look)
  }
}
