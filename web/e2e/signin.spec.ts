import { password } from './stack'
import { heading } from './steps'
import { expect, signInByHand, test } from './test'

test('a wrong password is told, and the right one leads to the start page', async ({ page }) => {
  await signInByHand(page, 'user200@example.com', 'not-the-password')
  await expect(page.getByRole('status').filter({ hasText: 'Checking with WorkFossa' })).toBeVisible()
  await expect(page.getByRole('alert')).toContainText(/WorkFossa.*password|password.*WorkFossa/i)
  // What was typed stays, and the password is ready to be typed over.
  await expect(page.getByLabel('E-mail address')).toHaveValue('user200@example.com')
  await expect(page.getByLabel('WorkFossa password')).toBeFocused()
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await expect(heading(page, 'Home')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('a locked account is told what to do', async ({ page }) => {
  await signInByHand(page, 'locked@example.com')
  await expect(page.getByRole('alert')).toContainText(/locked/i)
  await expect(page.getByRole('alert')).toContainText(/ask its support/i)
})

test('the portal being down is not the user’s fault', async ({ page, stack }) => {
  const account = 'user201@example.com'
  await stack.fault({ name: 'http-500', account, page: 'login' })
  await signInByHand(page, account)
  const alert = page.getByRole('alert')
  await expect(alert).toContainText(/portal|WorkFossa/i, { timeout: 60_000 })
  await expect(alert).not.toContainText(/password|refused|wrong/i)
  await expect(alert).toContainText('Try again in a few minutes')
  // Our own server is well: nothing says that it is not.
  await expect(page.getByText('The server does not answer')).toHaveCount(0)
  await stack.heal(account)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(heading(page, 'Home')).toBeVisible()
})

test('a slow portal is waited for, and told why', async ({ page, stack }) => {
  const account = 'user202@example.com'
  await stack.fault({ name: 'latency', value: '5s', account, page: 'login' })
  await signInByHand(page, account)
  await expect(page.getByRole('status').filter({ hasText: 'the portal is opened in a browser' })).toBeVisible()
  await expect(heading(page, 'Home')).toBeVisible({ timeout: 60_000 })
  await stack.heal(account)
})

test('the page that was asked for comes after the sign-in', async ({ page }) => {
  await page.goto('/runs?outcome=problems')
  await signInByHand(page, 'user203@example.com')
  await expect(heading(page, 'Runs')).toBeVisible()
  expect(new URL(page.url()).search).toBe('?outcome=problems')
})
