import type { Locator } from '@playwright/test'
import { create, heading, screens } from './steps'
import { expect, test } from './test'

test('a schedule is made with the editor, whose preview follows what is typed', async ({ page, signedIn }) => {
  await signedIn('user220@example.com', '/schedules')
  await page.getByRole('link', { name: 'New schedule' }).first().click()
  await page.getByRole('radio', { name: 'Filters' }).click()
  await page.getByLabel('Name').fill('Bring list')
  const preview = page.getByRole('region', { name: 'Preview' })
  await page.getByText('4 hours', { exact: true }).click()
  await expect(preview).toContainText(/every 4 hours/i)

  // Nobody is blamed for what is not yet typed.
  await page.getByText('At set times').click()
  await expect(preview).toContainText('Type when it should run')
  await expect(preview).not.toContainText(/mistake|every 4 hours/i)
  const line = page.getByRole('textbox', { name: 'Cron line 1' })
  await line.fill('15 5 * * *')
  await expect(preview.getByRole('status')).toContainText('At 5:15 AM')
  await expect(line).toHaveAccessibleDescription(/5:15 AM/)
  await expect(preview.getByRole('listitem').filter({ hasText: '5:15 AM' }).first()).toBeVisible()
  await line.fill('45 17 * * 1-5')
  await expect(preview.getByRole('listitem').filter({ hasText: '5:45 PM' }).first()).toBeVisible()
  await expect(preview.getByText('5:15 AM')).toHaveCount(0)

  // What the server refuses stands at the field, and nothing is saved with it.
  await line.fill('61 5 * * *')
  await expect(line).toHaveAttribute('aria-invalid', 'true')
  await expect(line).toHaveAccessibleDescription(/minute|61/i)
  await page.getByRole('button', { name: 'Create schedule' }).click()
  await expect(heading(page, 'New schedule')).toBeVisible()
  await expect(line).toBeFocused()

  await line.fill('45 17 * * 1-5')
  await expect(line).not.toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('button', { name: 'Create schedule' }).click()
  await expect(heading(page, 'Bring list')).toBeVisible()
  await expect(page.getByRole('main')).toContainText('At 5:45 PM')
})

test('hours and zone are changed, and the schedule’s page shows them', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user221@example.com')
  const { id } = await create(stack, token, {
    schedule_type: 'filters',
    name: 'Early',
    enabled: false,
    timezone: 'America/Chicago',
  })
  await page.goto(`/schedules/${id}`)
  await page.getByRole('link', { name: 'Edit' }).click()
  await expect(heading(page, 'Edit Early')).toBeVisible()
  await page.getByLabel('From', { exact: true }).selectOption({ value: '9' })
  await page.getByLabel('To', { exact: true }).selectOption({ value: '15' })
  const zone = page.getByRole('combobox', { name: 'Time zone' })
  await zone.fill('denver')
  await page.getByRole('option', { name: /America\/Denver/ }).click()
  await expect(page.getByRole('gridcell', { name: 'Monday 9 AM' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('gridcell', { name: 'Monday 3 PM' })).toHaveAttribute('aria-selected', 'false')
  const preview = page.getByRole('region', { name: 'Preview' })
  await expect(preview).toContainText('The next would be')
  await expect(preview).toContainText('Times in America/Denver')
  await expect(preview).toContainText(/M[DS]T/)
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(heading(page, 'Early')).toBeVisible()
  await expect(page.getByRole('main')).toContainText('9 AM to 3 PM')
  await expect(page.getByRole('main')).toContainText('America/Denver')
})

test('who saves over somebody else’s change is asked, and can keep his own', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user222@example.com')
  const { id } = await create(stack, token, { schedule_type: 'filters', name: 'Shared', enabled: false, interval_hours: 2 })
  await page.goto(`/schedules/${id}/edit`)
  await page.getByLabel('Name').fill('Shared by us')
  await stack.call(token, 'PUT', `/api/scraping-schedules/${id}`, { interval_hours: 6 })
  await page.getByRole('button', { name: 'Save changes' }).click()
  const dialog = page.getByRole('dialog', { name: 'Somebody changed this schedule meanwhile' })
  await expect(dialog).toContainText('They changed how often it runs; you changed the name.')
  await dialog.getByRole('button', { name: 'Keep mine, save over theirs' }).click()
  await expect(heading(page, 'Shared by us')).toBeVisible()
  // Theirs stays where the two do not meet.
  const saved = await stack.call<{ name: string; interval_hours: number }>(token, 'GET', `/api/scraping-schedules/${id}`)
  expect(saved).toMatchObject({ name: 'Shared by us', interval_hours: 6 })
})

test('what was typed is not lost by going back', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user223@example.com')
  await create(stack, token, { schedule_type: 'filters', name: 'Filters', enabled: false })
  await page.goto('/schedules')
  await page.getByRole('link', { name: 'New schedule' }).first().click()
  await page.getByRole('radio', { name: 'Filters' }).click()
  const name = page.getByLabel('Name')
  await expect(name).toHaveValue('Filters 2') // one that is free
  await name.fill('Half done')
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' })
  await page.goBack()
  await dialog.getByRole('button', { name: 'Stay here' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(name).toHaveValue('Half done')
  await page.getByRole('link', { name: 'Home' }).first().click()
  await dialog.getByRole('button', { name: 'Stay here' }).click()
  await page.goBack()
  await dialog.getByRole('button', { name: 'Leave without saving' }).click()
  await expect(heading(page, 'Schedules')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Half done' })).toHaveCount(0)
})

test('on a phone only the button to save stays at the bottom', async ({ page, signedIn }) => {
  await page.setViewportSize(screens.phone)
  await signedIn('user224@example.com', '/schedules')
  const bar = page.getByRole('navigation', { name: 'Main, at the bottom' })
  await expect(bar).toBeVisible()
  await page.getByRole('link', { name: 'New schedule' }).first().click()
  await expect(page.getByRole('button', { name: 'Create schedule' })).toBeInViewport({ ratio: 1 })
  await expect(bar).toHaveCount(0)
  // The labels stand over their hours.
  const left = (place: Locator) => place.evaluate((element) => element.getBoundingClientRect().left)
  const label = page.getByText('12 PM', { exact: true }).and(page.locator('span'))
  expect(await left(label)).toBeCloseTo(await left(page.getByRole('gridcell', { name: 'Monday 12 PM' })), 0)
  await page.getByRole('button', { name: 'Wed', exact: true }).click()
  await expect(page.getByRole('gridcell', { name: 'Wednesday 12 PM' })).toHaveAttribute('aria-selected', 'false')
  await page.getByRole('link', { name: 'FossaWork' }).click()
  await page.getByRole('button', { name: 'Leave without saving' }).click()
  await expect(bar).toBeVisible()
})

test('what was deleted is not asked for again', async ({ page, stack, signedIn }) => {
  const token = await signedIn('user225@example.com')
  const { id } = await create(stack, token, { schedule_type: 'filters', name: 'Goes', enabled: false })
  await page.goto(`/schedules/${id}`)
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await expect(page.getByText('Temporal')).toHaveCount(0) // is for administrators
  await page.waitForLoadState('networkidle')
  const refused: string[] = []
  page.on('response', (response) => response.status() >= 400 && refused.push(response.url()))
  await page.getByRole('button', { name: 'Delete …' }).click()
  await page.getByRole('button', { name: 'Delete schedule' }).click()
  await expect(heading(page, 'Schedules')).toBeVisible()
  await page.waitForLoadState('networkidle')
  expect(refused).toEqual([])
})
