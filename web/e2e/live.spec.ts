import { create, ended } from './steps'
import { expect, test } from './test'

test('a run is watched while it goes, and cancelled', async ({ page, stack, signedIn }) => {
  const account = 'busy@example.com'
  const token = await signedIn(account)
  const { id } = await create(stack, token, { enabled: false })
  await stack.fault({ name: 'latency', value: '3s', account, page: 'list' })
  await page.goto(`/schedules/${id}`)
  await page.getByRole('button', { name: 'Run now' }).click()

  const live = page.getByRole('region', { name: 'Running now' })
  const bar = live.getByRole('progressbar')
  await expect(bar).toBeVisible()
  const now = async () => Number(await bar.getAttribute('aria-valuenow'))
  const seen: number[] = [await now()]
  await expect
    .poll(
      async () => {
        const value = await now()
        if (value !== seen.at(-1)) seen.push(value)
        return seen.length
      },
      { message: 'the bar moves twice', timeout: 60_000 },
    )
    .toBeGreaterThanOrEqual(3)
  expect(seen, 'the bar never goes back').toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBeLessThan(100)

  await live.getByRole('link', { name: 'Open this run' }).click()
  await expect(page.getByRole('region', { name: 'Running now' })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel run' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this run?' })
  await dialog.getByRole('button', { name: 'Cancel run' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('main')).toContainText('It was stopped before its end.', { timeout: 40_000 })
  await expect(page.getByRole('region', { name: 'Running now' })).toHaveCount(0)
  expect((await ended(stack, token, id)).outcome).toBe('cancelled')
  await stack.heal(account)
})
