import type { Page } from '@playwright/test'
import type { Stack } from './stack'
import { create, ended, heading, runNow } from './steps'
import { expect, test } from './test'

/** A good run, then one that finds nothing, looked at from the start page. Gives how many orders were there. */
async function leadToHeld(page: Page, stack: Stack, token: string, account: string): Promise<number> {
  const { id } = await create(stack, token, {})
  expect((await ended(stack, token, id)).outcome).toBe('success')
  const orders = await stack.openOrders(account)
  await stack.fault({ name: 'empty-list', account })
  await runNow(stack, token, id)
  expect((await ended(stack, token, id, 2)).outcome).toBe('held')
  await stack.heal(account)
  await page.goto('/')
  const needs = page.getByRole('region', { name: 'One thing needs you' })
  await expect(needs).toContainText('a result is held for you')
  await needs.getByRole('link', { name: 'Look and decide' }).click()
  await expect(page.getByRole('heading', { name: 'Is this result right?' })).toBeVisible()
  const question = page.getByRole('region', { name: 'Is this result right?' })
  await expect(question).toContainText(`Accepting it would remove ${orders} work orders.`)
  await expect(question.getByRole('listitem')).toHaveCount(5)
  await question.getByRole('button', { name: `Show ${orders - 5} more` }).click()
  await expect(question.getByRole('listitem')).toHaveCount(orders)
  return orders
}

const shown = (page: Page, text: string) => page.getByRole('status').filter({ hasText: new RegExp(`^${text}$`) })

test('a held result is accepted', async ({ page, stack, signedIn }) => {
  const account = 'user230@example.com'
  const token = await signedIn(account)
  const orders = await leadToHeld(page, stack, token, account)
  await page.getByRole('button', { name: 'Accept …' }).click()
  await expect(page.getByRole('dialog')).toContainText(`This will remove ${orders} work orders.`)
  await page.getByRole('dialog').getByRole('button', { name: 'Accept and store' }).click()
  await expect(page.getByRole('heading', { name: 'Is this result right?' })).toHaveCount(0)
  await expect(page.getByRole('main')).toContainText(
    `0 work orders: ${orders} no longer listed. It looked wrong at first, and a person has accepted it.`,
  )
  await page.getByRole('link', { name: 'Home' }).click()
  await expect(heading(page, 'Home')).toBeVisible()
  await expect(page.getByRole('region', { name: /needs? you$/ })).toHaveCount(0)
  await page.goto('/data/work-orders')
  await expect(page.getByRole('heading', { name: 'No work orders yet' })).toBeVisible()
})

test('a held result is discarded, and the data stays', async ({ page, stack, signedIn }) => {
  const account = 'user231@example.com'
  const token = await signedIn(account)
  const orders = await leadToHeld(page, stack, token, account)
  await page.getByRole('button', { name: 'Discard …' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard result' }).click()
  await expect(page.getByRole('main')).toContainText('Nothing more: the result was discarded.')
  await page.goto('/')
  await expect(heading(page, 'Home')).toBeVisible()
  await expect(page.getByRole('region', { name: /^Work orders/ })).toBeVisible()
  await expect(page.getByRole('region', { name: /needs? you$/ })).toHaveCount(0)
  await page.goto('/data/work-orders')
  await expect(shown(page, `${orders} work orders`)).toBeVisible()
})

test('results that are held again and again are one thing to decide, and an old one says that it is old', async ({
  page,
  stack,
  signedIn,
}) => {
  const account = 'user232@example.com'
  const token = await signedIn(account)
  const { id } = await create(stack, token, {})
  expect((await ended(stack, token, id)).outcome).toBe('success')
  await stack.fault({ name: 'empty-list', account })
  await runNow(stack, token, id)
  const older = await ended(stack, token, id, 2)
  await runNow(stack, token, id)
  const newer = await ended(stack, token, id, 3)
  expect([older.outcome, newer.outcome]).toEqual(['held', 'held'])
  await page.goto('/')
  const needs = page.getByRole('region', { name: 'One thing needs you' })
  await expect(needs.getByRole('link', { name: 'Look and decide' })).toHaveAttribute('href', `/runs/${newer.id}`)

  await stack.heal(account)
  await runNow(stack, token, id)
  expect((await ended(stack, token, id, 4)).outcome).toBe('success')
  await page.goto(`/runs/${older.id}`)
  const question = page.getByRole('region', { name: 'Is this result right?' })
  await expect(question.getByRole('alert')).toContainText('A newer run has brought data since')
  await expect(question.getByRole('button', { name: 'Accept …' })).toHaveCount(0)
  await question.getByRole('button', { name: 'Discard …' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard result' }).click()
  await expect(page.getByRole('heading', { name: 'Is this result right?' })).toHaveCount(0)
})

test('one site is held although the others were stored', async ({ page, stack, signedIn }) => {
  const account = 'user233@example.com'
  const token = await signedIn(account)
  const orders = await create(stack, token, {})
  expect((await ended(stack, token, orders.id)).outcome).toBe('success')
  await stack.fault({ name: 'card-count-mismatch', account, next: 2 })
  const { id } = await create(stack, token, { schedule_type: 'dispensers' })
  expect((await ended(stack, token, id)).outcome).toBe('partial')
  await page.goto('/')
  await page.getByRole('region', { name: 'One thing needs you' }).getByRole('link', { name: 'Look and decide' }).click()
  const question = page.getByRole('region', { name: 'Is this result right?' })
  await expect(question).toContainText('1 site was put aside')
  await expect(question).toContainText(/Accepting it would add \d+ dispensers?\./)
  await question.getByRole('button', { name: 'Accept …' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Accept and store' }).click()
  await expect(page.getByRole('heading', { name: 'Is this result right?' })).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Sites' })).not.toContainText('Held for you')
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible()
  await expect(page.getByRole('region', { name: /needs? you$/ })).toHaveCount(0)
})
