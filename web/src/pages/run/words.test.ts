import { describe, expect, it } from 'vitest'
import type { Run } from './queries'
import { adviceFor, counts, fieldName, value } from './words'

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
    expect(counts(run({ completed_at: null, outcome: null }))).toBe('Still going')
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
