import type { Page } from '@playwright/test'
import { create, ended, heading, screens, setScheme } from './steps'
import { expect, expectAccessible, expectFits, test } from './test'

const busy = 'user260@example.com'
const fresh = 'empty@example.com'
const admin = 'tech@example.com'

/** What a page has said on its console as an error. */
function listen(page: Page): string[] {
  const said: string[] = []
  page.on('console', (message) => message.type() === 'error' && said.push(`${page.url()}: ${message.text()}`))
  return said
}

/** One page on both screens and in both schemes; it is loaded once, and must follow when the screen changes. */
async function lookAt(page: Page, path: string, title: string | RegExp, ready?: (page: Page) => Promise<void>) {
  await page.setViewportSize(screens.phone)
  await setScheme(page, 'light')
  await page.goto(path)
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size)
    for (const scheme of ['light', 'dark'] as const) {
      const what = `${path}, ${screen}, ${scheme}`
      await setScheme(page, scheme)
      await expect(heading(page, title), what).toBeVisible()
      await expect(page.getByRole('heading', { level: 1 }), what).toHaveCount(1)
      await expect(page.getByText('Loading', { exact: true }), what).toHaveCount(0)
      await ready?.(page)
      await expectFits(page, what)
      // Only the colors are others in the dark.
      await expectAccessible(page, what, scheme === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined)
    }
  }
  await expect(page).toHaveTitle(/\S · FossaWork$/)
}

test('sign-in page', async ({ page }) => {
  const said = listen(page)
  await lookAt(page, '/', 'Sign in to FossaWork')
  expect(said).toEqual([])
})

test('pages of a user with data', async ({ page, stack, signedIn }) => {
  test.slow() // many pages
  const said = listen(page)
  const token = await signedIn(busy)
  const orders = await create(stack, token, { active_hours: { start: 6, end: 22 }, timezone: 'America/Chicago' })
  const run = await ended(stack, token, orders.id)
  expect(run.outcome).toBe('success')
  const dispensers = await create(stack, token, { schedule_type: 'dispensers' })
  expect((await ended(stack, token, dispensers.id)).outcome).toBe('success')
  const filters = await create(stack, token, { schedule_type: 'filters', name: 'W'.repeat(80), cron: ['0 6 * * 1-5'] })
  expect((await ended(stack, token, filters.id)).outcome).toBe('success')
  const [order] = await stack.call<{ id: string }[]>(token, 'GET', '/api/v1/work-orders')

  await lookAt(page, '/', 'Home', async () => {
    await expect(page.getByRole('region', { name: /^Work orders/ })).toBeVisible()
  })
  await lookAt(page, '/schedules', 'Schedules', async () => {
    await expect(page.getByRole('row')).toHaveCount(4)
  })
  await lookAt(page, '/schedules/new', 'New schedule')
  await lookAt(page, `/schedules/${orders.id}`, 'Work orders', async () => {
    await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  })
  await lookAt(page, `/schedules/${filters.id}`, 'W'.repeat(80))
  await lookAt(page, `/schedules/${filters.id}/edit`, /^Edit W+$/)
  await lookAt(page, '/runs', 'Runs')
  await lookAt(page, `/runs/${run.id}`, /^Work orders, /, async () => {
    await expect(page.getByRole('heading', { name: 'Steps' })).toBeVisible()
  })
  await lookAt(page, '/data/work-orders', 'Work orders', async () => {
    await expect(page.getByRole('status').filter({ hasText: /^\d+ work orders$/ })).toBeVisible()
  })
  await lookAt(page, `/data/work-orders/${order?.id}`, /./)
  await lookAt(page, '/data/dispensers', 'Dispensers')
  await lookAt(page, '/data/filters', 'Filters')
  await lookAt(page, '/settings', 'Settings')
  expect(said).toEqual([])
})

test('pages of a user with nothing', async ({ page, signedIn }) => {
  await signedIn(fresh)
  const said = listen(page)
  await lookAt(page, '/', 'Home', async () => {
    await expect(page.getByRole('heading', { name: 'Nothing is collected yet' })).toBeVisible()
  })
  await lookAt(page, '/schedules', 'Schedules', async () => {
    await expect(page.getByRole('heading', { name: 'No schedules yet' })).toBeVisible()
  })
  await lookAt(page, '/runs', 'Runs', async () => {
    await expect(page.getByRole('heading', { name: 'Nothing has run yet' })).toBeVisible()
  })
  await lookAt(page, '/data/work-orders', 'Work orders', async () => {
    await expect(page.getByRole('heading', { name: 'No work orders yet' })).toBeVisible()
  })
  await lookAt(page, '/data/dispensers', 'Dispensers')
  await lookAt(page, '/operations', 'Operations', async () => {
    await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible()
  })
  await lookAt(page, '/nowhere', 'Nothing here')
  expect(said).toEqual([])

  // What does not exist is a page, too; that the browser notes the 404 of the request is as it should be. The API answers so for filters
  // that were never counted.
  await lookAt(page, '/data/filters', 'Filters')
  await lookAt(page, '/schedules/999999', 'No such schedule')
  await lookAt(page, '/runs/999999', 'No such run')
  await lookAt(page, '/data/work-orders/999999', 'No such work order')
})

test('operations', async ({ page, signedIn }) => {
  const said = listen(page)
  await signedIn(admin)
  await lookAt(page, '/operations', 'Operations', async () => {
    await expect(page.getByRole('heading', { level: 2 }).nth(3)).toBeVisible()
  })
  expect(said).toEqual([])
})

test('the first load is small', async ({ page, signedIn }) => {
  await signedIn(busy, '/settings')
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const scripts = new Map<string, string>()
  let bytes = 0
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script') scripts.set(requestId, response.url)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength
  })
  await page.goto('/', { waitUntil: 'networkidle' })
  await expect(heading(page, 'Home')).toBeVisible()
  expect(scripts.size).toBeGreaterThan(0)
  test.info().annotations.push({ type: 'first load', description: `${bytes} bytes of scripts` })
  process.stdout.write(`the first load: ${Math.round(bytes / 1000)} kB of scripts in ${scripts.size} files\n`)
  expect(bytes).toBeGreaterThan(50_000) // else they were not counted
  expect(bytes).toBeLessThan(300_000)
})
