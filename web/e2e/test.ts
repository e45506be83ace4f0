// What every test has: the stack, and ways to be on a page of it.
import { test as base, expect, type Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { password, Stack } from './stack'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Fixtures {
  signedIn: (account: string, path?: string) => Promise<string>
  /** What the page has thrown and not caught: nothing, in any test. */
  thrown: Error[]
}

export const test = base.extend<Fixtures, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.start()
      try {
        await use(stack)
      } finally {
        await stack.end()
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  baseURL: async ({ stack }, use) => use(stack.url),
  thrown: [
    async ({ page }, use) => {
      const thrown: Error[] = []
      page.on('pageerror', (error) => thrown.push(error))
      await use(thrown)
      expect(thrown, 'errors that the page has not caught').toEqual([])
    },
    { auto: true },
  ],
  /** Opens a page as an account that has signed in before; gives its token. */
  signedIn: async ({ page }, use) => {
    await use(async (account, path = '/') => {
      await page.goto('/favicon.svg')
      // By the browser, so that the session is that of a browser.
      const token = await page.evaluate(
        async (body) => {
          const headers = { 'Content-Type': 'application/json' }
          const response = await fetch('/api/auth/login', { method: 'POST', headers, body })
          if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
          const { access_token: text } = (await response.json()) as { access_token: string }
          localStorage.setItem('fossawork.token', text)
          return text
        },
        JSON.stringify({ username: account, password }),
      )
      await page.goto(path)
      return token
    })
  },
})

export { expect }

/** Signs in as a person does. */
export async function signInByHand(page: Page, account: string, secret = password): Promise<void> {
  if (page.url() === 'about:blank') await page.goto('/')
  await page.getByLabel('E-mail address').fill(account)
  await page.getByLabel('WorkFossa password').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

interface Violation {
  id: string
  impact: string | null
  help: string
  nodes: { target: string[]; failureSummary?: string }[]
}

/** No serious finding of axe on the page as it is: of all its rules, or of some. */
export async function expectAccessible(page: Page, what: string, rules?: string[]): Promise<void> {
  await settled(page)
  await page.evaluate(axe) // not by a script tag, which the page's own policy forbids
  const violations = await page.evaluate(async (runOnly) => {
    const { axe: runner } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: unknown[] }> } }
    return (await runner.run({ resultTypes: ['violations'], ...(runOnly ? { runOnly } : {}) })).violations
  }, rules)
  const serious = (violations as Violation[])
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) => `${v.id}: ${v.help}\n${v.nodes.map((node) => `  ${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('\n')}`,
    )
  expect(serious, what).toEqual([])
}

/** Nothing fades or slides any more: colors on their way to others are no findings. What turns for ever is left alone. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime))
    await Promise.allSettled(ending.map((each) => each.finished))
  })
}

/** The page is not wider than the screen. */
export async function expectFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(over, `${what} is wider than the screen`).toBeLessThanOrEqual(0)
}
