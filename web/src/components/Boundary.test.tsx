import { screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { renderAt } from '../testing/page'
import { Boundary } from './Boundary'

function Broken({ message }: { message: string }): never {
  throw new Error(message)
}

afterEach(() => vi.restoreAllMocks())

test('a page that was not loaded is told from one that is broken, and what is around it stays', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined) // React tells the console, too
  renderAt(
    '/',
    <>
      <p>around</p>
      <Boundary address="/a">
        <Broken message="Failed to fetch dynamically imported module: /assets/Run-abc.js" />
      </Boundary>
      <Boundary address="/b">
        <Broken message="x is undefined" />
      </Boundary>
      <Boundary address="/c">
        <p>whole</p>
      </Boundary>
    </>,
  )
  expect(screen.getByText('around')).toBeDefined()
  expect(screen.getByText('whole')).toBeDefined()
  expect(screen.getByRole('heading', { name: 'This page could not be loaded' })).toBeDefined()
  expect(screen.getByRole('heading', { name: 'This page does not work at the moment' })).toBeDefined()
  expect(screen.getAllByRole('button', { name: 'Reload' })).toHaveLength(2)
})
