// Pictures of every page, to be looked at: make screenshots.
import type { Page } from '@playwright/test'
import { create, ended, runNow, screens, setScheme } from './steps'
import { expect, test } from './test'

async function take(page: Page, name: string, path: string) {
  await page.goto(path)
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size)
    for (const scheme of ['light', 'dark'] as const) {
      await setScheme(page, scheme)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('Loading', { exact: true })).toHaveCount(0)
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: `screenshots/${name}-${scheme}-${screen}.png`, animations: 'disabled' })
    }
  }
}

test('every page', async ({ page, stack, signedIn }) => {
  await take(page, 'sign-in', '/')

  // Somebody who has used it for a while: everything collected, one schedule paused.
  const tech = await signedIn('tech@example.com')
  const hours = { active_hours: { start: 6, end: 22 }, timezone: 'America/Chicago' }
  const orders = await create(stack, tech, hours)
  await ended(stack, tech, orders.id)
  const dispensers = await create(stack, tech, { schedule_type: 'dispensers', ...hours })
  const read = await ended(stack, tech, dispensers.id, 1, 180_000)
  const filters = await create(stack, tech, { schedule_type: 'filters', ...hours })
  await ended(stack, tech, filters.id)
  const evening = await create(stack, tech, { name: 'Evening check', cron: ['30 20 * * 1-5'], timezone: 'America/New_York' })
  await ended(stack, tech, evening.id)
  await stack.call(tech, 'PUT', `/api/scraping-schedules/${evening.id}`, {
    enabled: false,
    pause_reason: 'On holiday until Monday',
  })
  const [order] = await stack.call<{ id: string }[]>(tech, 'GET', '/api/v1/work-orders?limit=1')
  await take(page, 'home', '/')
  await take(page, 'schedules', '/schedules')
  await take(page, 'schedule', `/schedules/${orders.id}`)
  await take(page, 'schedule-new', '/schedules/new')
  await take(page, 'schedule-edit', `/schedules/${evening.id}/edit`)
  await take(page, 'runs', '/runs')
  await take(page, 'run', `/runs/${read.id}`)
  await take(page, 'work-orders', '/data/work-orders')
  await take(page, 'work-order', `/data/work-orders/${order?.id}`)
  await take(page, 'dispensers', '/data/dispensers')
  await take(page, 'filters', '/data/filters')
  await take(page, 'settings', '/settings')
  await take(page, 'operations', '/operations')

  // Somebody whose portal has changed.
  const changed = await signedIn('changed@example.com')
  const broken = await create(stack, changed, hours)
  const failed = await ended(stack, changed, broken.id)
  await take(page, 'home-failed', '/')
  await take(page, 'run-failed', `/runs/${failed.id}`)

  // Somebody who has to decide.
  const held = await signedIn('user290@example.com')
  const doubtful = await create(stack, held, hours)
  await ended(stack, held, doubtful.id)
  await stack.fault({ name: 'empty-list', value: 'proved', account: 'user290@example.com' })
  await runNow(stack, held, doubtful.id)
  const waiting = await ended(stack, held, doubtful.id, 2)
  await take(page, 'home-held', '/')
  await take(page, 'run-held', `/runs/${waiting.id}`)

  await signedIn('empty@example.com')
  await take(page, 'home-first', '/')
})
