import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { renderAt } from '../../testing/page'
import type { Day } from './days'
import { DayStrip } from './DayStrip'

const days = Array.from({ length: 30 }, (_, i): Day => {
  const failed = i === 28 ? 1 : 0
  return {
    date: `2030-01-${String(i + 1).padStart(2, '0')}`,
    runs: 4,
    succeeded: 4 - failed,
    partial: 0,
    held: 0,
    failed,
    cancelled: 0,
    skipped: 0,
    worst: failed ? 'portal_down' : 'success',
  }
})

it('is one stop for the tab key, walks by arrows, and says the chosen day with a link to its runs', async () => {
  const user = userEvent.setup()
  renderAt('/', <DayStrip days={days} title="Work orders" type="work_orders" zone="America/Chicago" />)
  expect(screen.getByRole('group').getAttribute('aria-label')).toContain('120 runs in the last 30 days, 1 failed')

  await user.tab()
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/Jan 30/)
  await user.tab()
  expect(document.activeElement).toBe(document.body)

  await user.tab({ shift: true })
  await user.keyboard('{ArrowLeft}')
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Tue, Jan 29: 4 runs: 3 good, 1 failed (Portal down)')
  const link = screen.getByRole('link', { name: 'See these runs' })
  expect(link.getAttribute('href')).toBe('/runs?type=work_orders&from=2030-01-29&to=2030-01-29&zone=America%2FChicago')

  await user.keyboard('{Home}{ArrowLeft}')
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/Jan 1:/)
})
