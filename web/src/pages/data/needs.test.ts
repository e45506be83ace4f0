import { expect, test } from 'vitest'
import type { Schemas } from '../../api/client'
import { countInput, needOf, readPeriod, totalsOf, type Detail, type Warning } from './needs'
import type { Order } from './words'

const detail = (jobId: string, scheduledDate: string, filters: Record<string, number>, more: Partial<Detail> = {}): Detail =>
  ({
    jobId,
    scheduledDate,
    requiresFilters: true,
    dispenserCount: 2,
    filters: Object.fromEntries(
      Object.entries(filters).map(([part, quantity]) => [
        part,
        { quantity, description: part, filterType: 'gas', isEdited: false },
      ]),
    ),
    ...more,
  }) as Detail

const sizes = { A: 12, B: 6 }

test('weeks begin on Monday, also on a Sunday and over a new year', () => {
  const week = (address: string, today: string) => readPeriod(new URLSearchParams(address), today)
  expect(week('', '2030-02-03')).toEqual({ name: 'this-week', from: '2030-01-28', to: '2030-02-03' })
  expect(week('period=next-week', '2030-02-03')).toEqual({ name: 'next-week', from: '2030-02-04', to: '2030-02-10' })
  expect(week('', '2030-01-01')).toMatchObject({ from: '2029-12-31' })
  expect(week('period=all', '2030-02-03')).toEqual({ name: 'all' })
  expect(week('period=dates&from=2030-02-01&to=x', '2030-02-03')).toEqual({ name: 'dates', from: '2030-02-01', to: undefined })
})

test('boxes are rounded up once for the whole period, not once a day', () => {
  const totals = totalsOf([detail('1', '', { A: 7, B: 1 }), detail('2', '', { A: 5 })], sizes)
  expect(totals.parts).toMatchObject([
    { part: 'A', quantity: 12, boxes: 1 },
    { part: 'B', quantity: 1, boxes: 1 },
  ])
  expect(totals).toMatchObject({ filters: 13, boxes: 2 })
})

test('without box sizes nobody claims to know boxes', () => {
  expect(totalsOf([detail('1', '', { C: 7 })], sizes).boxes).toBeUndefined()
  expect(totalsOf([detail('1', '', { A: 7 })], undefined).boxes).toBeUndefined()
})

test('a period takes its days, tells what is left out, and keeps only warnings about its orders', () => {
  const warning = (message: string, affectedJobs: string[]): Warning =>
    ({ id: message, severity: 5, type: 'missing_data', message, affectedJobs, suggestions: [] }) as unknown as Warning
  const result = {
    details: [
      detail('3', '2030-02-05', { A: 1 }),
      detail('1', '2030-02-03', { A: 2 }),
      detail('2', '2030-02-04', {}, { dispenserCount: 0 }),
      detail('4', '', { B: 9 }),
    ],
    warnings: [warning('same', ['1']), warning('same', ['2']), warning('other', ['3']), warning('all', [])],
  } as unknown as Schemas['Result']
  const need = needOf(result, { name: 'dates', from: '2030-02-03', to: '2030-02-04' }, sizes)
  expect(need.days.map(({ date }) => date)).toEqual(['2030-02-03', '2030-02-04'])
  expect(need).toMatchObject({ jobs: 2, uncounted: 1, undated: 1 })
  expect(need.warnings[0]?.messages).toMatchObject([
    { message: 'same', jobs: ['1', '2'] },
    { message: 'all', jobs: [] },
  ])
  const all = needOf(result, { name: 'all' }, sizes)
  expect(all.days.map(({ date }) => date)).toEqual(['2030-02-03', '2030-02-04', '2030-02-05', undefined])
  expect(all.undated).toBe(0)
})

test('two sites with one store number do not get each other’s dispensers', () => {
  const order = (id: string, location: string, dispensers: number) =>
    ({
      external_id: id,
      store_number: '#7',
      site_name: 'S',
      customer_url: `http://portal/app/customers/locations/${location}/`,
      service_items: ['9 x All Dispensers'],
      dispensers: Array.from({ length: dispensers }, (_, i) => ({ dispenser_number: String(i), fuel_grades_list: ['Regular'] })),
    }) as unknown as Order
  const two = countInput([order('1', '71', 2), order('2', '72', 1), order('3', '71', 2)])
  expect(two.workOrders?.map((job) => job.storeNumber)).toEqual(['#7 (71)', '#7 (72)', '#7 (71)'])
  expect(two.dispensers?.map((d) => d.storeNumber)).toEqual(['#7 (71)', '#7 (71)', '#7 (72)'])
  expect(two.workOrders?.[0]?.items).toEqual([{ name: 'All Dispensers' }])
  expect(countInput([order('1', '71', 1)]).workOrders?.[0]?.storeNumber).toBe('#7')
})
