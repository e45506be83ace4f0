import { describe, expect, it } from 'vitest'
import type { Run } from './queries'
import { adviceFor, counts, effectText, fieldName, value } from './words'

const run = (more: Partial<Run>) =>
  ({
    schedule_type: 'work_orders',
    completed_at: '2026-07-01T00:00:00Z',
    items_processed: 10,
    items_added: 0,
    items_updated: 0,
    items_removed: 0,
    items_failed: 0,
    success: true,
    outcome: 'success',
    ...more,
  }) as Run

describe('counts', () => {
  it('says what was done and leaves out what was not', () => {
    expect(counts(run({ items_added: 3, items_removed: 1200 }))).toBe('10 work orders: 3 new, 1,200 no longer listed')
    expect(counts(run({}))).toBe('10 work orders: nothing new')
    expect(counts(run({ items_processed: 0, success: false, outcome: 'portal_down' }))).toBe('Nothing was read')
    expect(counts(run({ success: false, outcome: 'held', decision: null }))).toBe('10 work orders: not stored')
    expect(counts(run({ completed_at: null, outcome: null }))).toBe('Still going')
  })
})

describe('the effect of accepting', () => {
  const none = { added: 0, changed: 0, removed: 0, returned: 0, changes: [] }

  it('names what would be lost first, and the things once', () => {
    expect(effectText({ ...none, added: 1, removed: 1200, returned: 3 }, 'work_orders')).toBe(
      'remove 1,200 work orders, add 1, bring back 3',
    )
    expect(effectText({ ...none, changed: 1 }, 'dispensers')).toBe('change 1 dispenser')
    expect(effectText(none, 'work_orders')).toBe('')
  })
})

describe('values', () => {
  it('are readable', () => {
    expect(value(null)).toBe('nothing')
    expect(value([])).toBe('nothing')
    expect(value(['Regular', 'Diesel'])).toBe('Regular, Diesel')
    expect(value([{ name: 'Filter change', quantity: 2 }])).toBe('Name: Filter change, Quantity: 2')
  })

  it('keep the portal’s date, whatever the viewer’s zone', () => {
    expect(value('2026-12-24T00:00:00')).toBe('Dec 24, 2026')
    expect(value('2026-12-24T13:05:00')).toMatch(/^Dec 24, 2026, 1:05\sPM$/)
  })

  it('have names without underscores', () => {
    expect(fieldName('scheduled_date')).toBe('Visit')
    expect(fieldName('service_code')).toBe('Service code')
  })
})

describe('advice', () => {
  it('sends to Settings where only a new sign-in helps, and offers no run there', () => {
    for (const outcome of ['credentials_rejected', 'account_locked'] as const) {
      expect(adviceFor(run({ outcome }))?.signIn).toBe(true)
      expect(adviceFor(run({ outcome }))?.again).toBeUndefined()
    }
    expect(adviceFor(run({}))).toBeUndefined()
    expect(adviceFor(run({ outcome: null }))).toBeUndefined()
  })
})
