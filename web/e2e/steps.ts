// What tests do through the API because they are about something else.
import { expect, type Page } from '@playwright/test'
import type { components } from '../src/api/schema'
import type { Stack } from './stack'

type Schemas = components['schemas']
export type Run = Schemas['Run']
export type Schedule = Schemas['Schedule']

export const create = (stack: Stack, token: string, body: Partial<Schemas['CreateInputBody']>): Promise<Schedule> =>
  stack.call(token, 'POST', '/api/scraping-schedules', { schedule_type: 'work_orders', ...body })

export const runNow = (stack: Stack, token: string, id: number): Promise<{ run_id: number }> =>
  stack.call(token, 'POST', `/api/scraping-schedules/${id}/run`, {})

/** Waits until the newest run of a schedule has ended. */
export async function ended(stack: Stack, token: string, id: number, runs = 1, timeout = 60_000): Promise<Run> {
  let newest: Run | undefined
  await expect
    .poll(
      async () => {
        const page = await stack.call<{ runs: Run[] }>(token, 'GET', `/api/runs?schedule_id=${id}`)
        newest = page.runs[0]
        return page.runs.length >= runs && (newest?.outcome ?? null) !== null
      },
      { message: `run ${runs} of schedule ${id} ends`, timeout },
    )
    .toBe(true)
  return newest as Run
}

/** What a browser says when one comes back to its tab: pages look for news. */
export const comeBack = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event('visibilitychange')))

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

export const setScheme = (page: Page, colorScheme: 'light' | 'dark') =>
  page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })

/** The two screens that everything is looked at on. */
export const screens = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } } as const
