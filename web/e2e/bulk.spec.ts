import { create, heading } from './steps'
import { expect, test } from './test'

test('some of many schedules are found, selected and paused at once', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user255@example.com')
  for (const name of ['Route A east', 'Route A west', 'Route B', 'Route C'])
    await create(stack, token, { schedule_type: 'filters', name, enabled: name !== 'Route A west' })
  await page.goto('/schedules')
  await page.getByLabel('Search by name').fill('route a')
  await expect(page.getByRole('link', { name: 'Route B' })).toHaveCount(0)
  await page.reload()
  await expect(heading(page, 'Schedules')).toBeVisible()
  await expect(page.getByLabel('Search by name')).toHaveValue('route a')
  await expect(page.getByRole('link', { name: 'Route A east' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Route B' })).toHaveCount(0)

  await page.getByRole('checkbox', { name: 'Select all shown' }).check()
  const bar = page.getByRole('region', { name: 'Selected schedules' })
  await expect(bar).toContainText('2 schedules selected')
  // What is selected stays so while one looks for more.
  await page.getByLabel('Search by name').fill('route b')
  await page.getByRole('checkbox', { name: 'Select Route B' }).check()
  await expect(bar).toContainText('3 schedules selected (2 not in this list)')
  await bar.getByRole('button', { name: 'Pause …' }).click()

  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('region', { name: 'Will be paused' }).getByRole('listitem')).toHaveCount(2)
  await expect(dialog.getByRole('region', { name: 'Stays as it is' }).getByRole('listitem')).toHaveText(/Route A west/)
  await dialog.getByLabel('Why').fill('Truck in the shop')
  await dialog.getByRole('button', { name: 'Pause 2 schedules' }).click()
  await expect(dialog.getByRole('region', { name: 'Paused' }).getByRole('listitem')).toHaveCount(2)
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  await page.getByLabel('Search by name').fill('')
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name }) })
  await expect(row('Route A east')).toContainText('Truck in the shop')
  await expect(row('Route B')).toContainText('Paused')
  await expect(row('Route C')).toContainText('Active')
  // Paused is what the server says, too.
  const all = await stack.call<{ name: string; enabled: boolean }[]>(token, 'GET', '/api/scraping-schedules')
  expect(all.filter((each) => each.enabled).map((each) => each.name)).toEqual(['Route C'])
})

test('a name that is typed fast is searched for with all its letters', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user256@example.com')
  const names = ['Dispensers north', ...Array.from({ length: 19 }, (_, i) => `Dispensers south ${i + 1}`)]
  for (const name of names) await create(stack, token, { schedule_type: 'filters', name, enabled: false })
  await page.goto('/schedules')
  await expect(page.getByRole('status').filter({ hasText: '20 schedules' })).toBeVisible()
  // As on a slow computer: letters come while the page is still busy with the ones before.
  const browser = await page.context().newCDPSession(page)
  await browser.send('Emulation.setCPUThrottlingRate', { rate: 6 })
  const box = page.getByLabel('Search by name')
  await box.pressSequentially('dispensers north', { delay: 45 })
  await browser.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await expect(box).toHaveValue('dispensers north')
  await expect(page.getByRole('status').filter({ hasText: '1 schedule' })).toBeVisible()
  await expect(page).toHaveURL(/q=dispensers\+north$/)
})
