import { comeBack, create, heading } from './steps'
import { expect, test } from './test'

test('the server goes away and comes back under an open page', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user250@example.com')
  const { id } = await create(stack, token, { schedule_type: 'filters', name: 'Before', enabled: false })
  await page.goto('/schedules')
  const row = page.getByRole('link', { name: 'Before' })
  await expect(row).toBeVisible()
  await page.evaluate(() => Object.assign(window, { sinceLoad: true }))

  // News that the page has not heard of yet.
  await stack.call(token, 'PUT', `/api/scraping-schedules/${id}`, { name: 'After' })
  await stack.down()
  await comeBack(page)
  const banner = page.getByRole('status').filter({ hasText: 'The server does not answer since' })
  await expect(banner).toContainText(/since .*\d:\d\d.* You see what was known at \d+:\d\d:\d\d/, { timeout: 45_000 })
  await expect(row).toBeVisible()
  await expect(page.getByRole('alert')).not.toContainText('could not be loaded')

  await stack.up()
  // Nobody touches the page: it finds out by itself.
  await expect(banner).toHaveCount(0, { timeout: 20_000 })
  await expect(page.getByRole('link', { name: 'After' })).toBeVisible({ timeout: 20_000 })
  await expect(heading(page, 'Schedules')).toBeVisible()
  expect(await page.evaluate(() => 'sinceLoad' in window), 'the page was not loaded anew').toBe(true)
})
