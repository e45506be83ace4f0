import { expect, signInByHand, test } from './test'

test('a wrong password is told, and the right one leads to the start page', async ({ page }) => {
  await signInByHand(page, 'user200@example.com', 'not-the-password')
  await expect(page.getByRole('status').filter({ hasText: 'Checking with WorkFossa' })).toBeVisible()
  await expect(page.getByRole('alert')).toContainText('WorkFossa')
  await page.getByLabel('WorkFossa password').fill('demo-password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible()
})

test('a locked account is told what to do', async ({ page }) => {
  await signInByHand(page, 'locked@example.com')
  await expect(page.getByRole('alert')).toContainText(/locked/i)
})

test('the portal being down is not the user’s fault', async ({ page, stack }) => {
  await stack.fault({ name: 'http-500', account: 'user201@example.com' })
  await stack.fault({ name: 'reject-password', account: 'user202@example.com' })
  await signInByHand(page, 'user202@example.com')
  await expect(page.getByRole('alert')).toBeVisible()
  await stack.heal('user201@example.com')
  await stack.heal('user202@example.com')
})
