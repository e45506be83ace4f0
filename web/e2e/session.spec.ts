import { password } from './stack'
import { comeBack, create } from './steps'
import { expect, test } from './test'

test('a session that ends asks for the password and keeps the page with what was typed', async ({ page, stack, signedIn }) => {
  const account = 'user240@example.com'
  const token = await signedIn(account)
  for (const name of ['North side', 'South side']) await create(stack, token, { schedule_type: 'filters', name, enabled: false })
  await page.goto('/schedules/new?type=filters')
  await page.getByLabel('Name').fill('Half typed')
  const other = await stack.signIn(account)
  await stack.call(other, 'DELETE', '/api/auth/sessions')
  await comeBack(page)

  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(dialog).toContainText(account)
  await dialog.getByLabel('WorkFossa password').fill('not-the-password')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByLabel('WorkFossa password').fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByLabel('Name')).toHaveValue('Half typed')
  await page.getByRole('button', { name: 'Create schedule' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Half typed' })).toBeVisible()
})

test('a search goes on where the session ended', async ({ page, stack, signedIn }) => {
  const account = 'user241@example.com'
  const token = await signedIn(account)
  for (const name of ['North side', 'South side']) await create(stack, token, { schedule_type: 'filters', name, enabled: false })
  await page.goto('/schedules')
  await expect(page.getByRole('link', { name: 'South side' })).toBeVisible()
  await stack.call(await stack.signIn(account), 'DELETE', '/api/auth/sessions')
  await page.getByLabel('Search by name').fill('north')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.getByLabel('WorkFossa password').fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByLabel('Search by name')).toHaveValue('north')
  await expect(page.getByRole('link', { name: 'North side' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'South side' })).toHaveCount(0)
})

test('a page that is reloaded after its session has ended asks for the password, too', async ({ page, stack, signedIn }) => {
  const account = 'user242@example.com'
  await signedIn(account, '/schedules')
  await stack.call(await stack.signIn(account), 'DELETE', '/api/auth/sessions')
  await page.reload()
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(dialog).toContainText(account)
  await dialog.getByLabel('WorkFossa password').fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'No schedules yet' })).toBeVisible()
})
