import { heading } from './steps'
import { expect, signInByHand, test } from './test'

test('from the first sign-in to all work orders with one click', async ({ page, stack }) => {
  const account = 'user210@example.com'
  await signInByHand(page, account)
  await expect(page.getByRole('heading', { name: 'Nothing is collected yet' })).toBeVisible()
  // Long enough that there is something to see on the way.
  await stack.fault({ name: 'latency', value: '3s', account, page: 'list' })
  await page.getByRole('button', { name: 'Start all three' }).click()

  const card = page.getByRole('region', { name: /^Work orders/ })
  await expect(card.getByRole('progressbar')).toBeVisible()
  await stack.heal(account)
  await expect(card).toContainText('Work orders up to date')
  await expect(card).toContainText(/added/)
  // The two that need work orders follow by themselves.
  await expect(page.getByRole('region', { name: /^Dispensers up to date/ })).toContainText(/\d+ added/, { timeout: 90_000 })
  await expect(page.getByRole('region', { name: /^Filters up to date/ })).toContainText(/\d+ added/, { timeout: 60_000 })

  await page.getByRole('link', { name: 'Data' }).click()
  await expect(heading(page, 'Work orders')).toBeVisible()
  const orders = await stack.openOrders(account)
  expect(orders).toBeGreaterThan(0)
  await expect(page.getByRole('status').filter({ hasText: new RegExp(`^${orders} work orders$`) })).toBeVisible()
  await expect(page.getByText('Up to date')).toBeVisible()
})
