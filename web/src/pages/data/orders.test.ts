import { expect, test } from 'vitest'
import { linesOf, readView, shownOrders } from './orders'
import type { Order } from './words'

const order = (id: string, more: Partial<Order> = {}): Order =>
  ({ id, external_id: id, site_name: 'Site', scheduled_date: null, status: 'pending', removed_at: null, ...more }) as Order

const view = (address: string) => readView(new URLSearchParams(address))
const ids = (orders: Order[], address: string) => shownOrders(orders, view(address)).map(({ id }) => id)

const list = [
  order('1', { scheduled_date: '2030-02-03T00:00:00', store_number: '#12', site_name: 'Beta', service_code: '2861' }),
  order('2', { scheduled_date: '2030-02-01T00:00:00', store_number: '#9', site_name: 'Beta', city_state: 'Sampletown ZZ' }),
  order('3', { store_number: '#1', site_name: 'Alpha', customer_name: 'Demo Travel' }),
  order('4', { scheduled_date: '2030-02-02T00:00:00', removed_at: '2030-01-01T00:00:00Z', status: 'completed' }),
]

test('orders without a date come last, whichever way the dates run', () => {
  expect(ids(list, '')).toEqual(['2', '1', '3'])
  expect(ids(list, 'sort=-date')).toEqual(['1', '2', '3'])
})

test('sites sort by name, then by store number as a number', () => {
  expect(ids(list, 'sort=site')).toEqual(['3', '2', '1'])
})

test('every word of a search must be somewhere', () => {
  expect(ids(list, 'q=beta+%239')).toEqual(['2'])
  expect(ids(list, 'q=SAMPLETOWN')).toEqual(['2'])
  expect(ids(list, 'q=demo+travel')).toEqual(['3'])
  expect(ids(list, 'q=beta+nowhere')).toEqual([])
})

test('the bounds of a period are inside, and orders without a date are not', () => {
  expect(ids(list, 'from=2030-02-01&to=2030-02-02')).toEqual(['2'])
  expect(ids(list, 'to=2030-02-03')).toEqual(['2', '1'])
})

test('removed orders show only on request', () => {
  expect(ids(list, 'removed=1')).toEqual(['2', '4', '1', '3'])
  expect(ids(list, 'removed=1&status=completed')).toEqual(['4'])
})

test('an address with a slip is the plain list', () => {
  expect(view('sort=upside&from=never')).toMatchObject({ sort: 'date', from: '', days: true })
  expect(view('sort=site')).toMatchObject({ days: false })
})

test('each day has one line before its orders, with their number', () => {
  const lines = linesOf(shownOrders([...list, order('5', { scheduled_date: '2030-02-01T00:00:00' })], view('')), true)
  expect(lines.map((line) => (line.kind === 'day' ? `${line.date ?? 'none'}:${line.count}` : line.order.id))).toEqual([
    '2030-02-01:2',
    '2',
    '5',
    '2030-02-03:1',
    '1',
    'none:1',
    '3',
  ])
})
