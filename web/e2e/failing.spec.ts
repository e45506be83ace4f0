import { create, ended } from './steps'
import { expect, test } from './test'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test('a portal page that changed: from the start page to the picture of it', async ({ page, stack, signedIn }) => {
  const token = await signedIn('changed@example.com')
  const { id } = await create(stack, token, {})
  expect((await ended(stack, token, id)).outcome).toBe('layout_changed')
  await page.goto('/')
  const card = page.getByRole('region', { name: /^Work orders/ })
  await expect(card).toContainText('Portal page changed')
  await card.getByRole('link', { name: 'See what happened' }).click()

  const verdict = page.getByRole('alert').filter({ hasText: 'Portal page changed' })
  await expect(verdict).toContainText('What you can do: You cannot mend this yourself. Give the reference below')
  await page
    .getByRole('button', { name: /^Enlarge: The portal’s page/ })
    .first()
    .click()
  const picture = page.getByRole('dialog').getByRole('img', { name: /^What the portal showed/ })
  await expect(picture).toBeVisible()
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(300)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await page.getByRole('button', { name: 'Copy reference' }).click()
  await expect(page.getByRole('button', { name: 'Reference copied' })).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).not.toBe('')
  await expect(verdict.getByRole('status')).toHaveText(`Reference: ${copied}`)
})
