import { existsSync } from 'node:fs'

// The same places as in internal/devstack/find.go.
const places = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/lib/chromium/chromium',
  '/usr/lib/chromium-browser/chromium-browser',
  '/usr/lib64/chromium-browser/headless_shell',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser that the system has; tests never skip for the lack of one. */
export function chromium(): string {
  const found = process.env.FOSSAWORK_CHROMIUM ?? places.find((place) => existsSync(place))
  if (!found) throw new Error('No Chromium found: run make setup, or name one with FOSSAWORK_CHROMIUM.')
  return found
}
