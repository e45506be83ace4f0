import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { renderAt } from '../../testing/page'
import { daysOf, type Slot } from './days'
import { DayStrip } from './DayStrip'

const slot = (at: string, more: Partial<Slot>): Slot => ({
  at,
  local: at,
  state: 'ran',
  reason: null,
  message: null,
  outcome: 'success',
  run_id: 7,
  lag_seconds: 0,
  extra: false,
  ...more,
})

const range = { from: Date.parse('2026-07-01T00:00:00Z'), to: Date.parse('2026-07-02T00:00:00Z') }
const day = daysOf(
  [
    slot('2026-07-01T08:00:00Z', {}),
    slot('2026-07-01T10:00:00Z', { outcome: 'portal_down', message: 'The portal answered with error 500.', run_id: 8 }),
    slot('2026-07-01T14:00:00Z', { state: 'planned', outcome: null, run_id: null }),
  ],
  range.from,
  range.to,
  'UTC',
)[0]!

it('is one stop of the Tab key at the next slot, arrows go from mark to mark, Enter opens what became of it', async () => {
  const user = userEvent.setup()
  renderAt('/', <DayStrip day={day} zone="UTC" now={new Date('2026-07-01T12:00:00Z')} range={range} />)
  await user.tab()
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^2:00\sPM: Planned$/)
  await user.keyboard('{ArrowLeft}')
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^10:00\sAM: Portal down$/)
  await user.keyboard('{ArrowRight}{ArrowRight}')
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/Planned$/)
  await user.keyboard('{ArrowLeft}{Enter}')
  expect(await screen.findByText('The portal answered with error 500.')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Open this run' }).getAttribute('href')).toBe('/runs/8')
  await user.keyboard('{Escape}')
  expect(screen.queryByText('The portal answered with error 500.')).toBeNull()
})
