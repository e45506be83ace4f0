import { expect, test } from 'vitest'
import { locationOf, mapLink, portalLink } from './portal'
import { isComplete, mergeReadings, siteMatches, sitesOf, type SiteRun } from './sites'
import type { Order } from './words'

const site = (location_id: string, state: SiteRun['state'], read_at: string | null = null) =>
  ({ location_id, state, read_at, message: null }) as SiteRun

test('a run that skipped a site leaves the word to the run before', () => {
  const newest = [site('1', 'fresh'), site('2', 'stored', 'new'), site('3', 'known')]
  expect(isComplete(mergeReadings([newest]), ['1', '2'])).toBe(false)
  expect(isComplete(mergeReadings([newest]), ['2'])).toBe(true)
  expect(isComplete(mergeReadings([newest]), ['2', 'never met'])).toBe(false)
  const of = mergeReadings([
    newest,
    [site('1', 'fresh'), site('2', 'denied', 'old')],
    [site('1', 'stored', 'oldest'), site('3', 'deleted', 'oldest')],
  ])
  expect(of.get('1')).toMatchObject({ state: 'stored', readAt: 'oldest' })
  expect(of.get('2')).toMatchObject({ state: 'stored', readAt: 'new' })
  expect(of.get('3')).toMatchObject({ state: 'deleted' })
  expect(isComplete(of, ['1', '2', '3'])).toBe(true)
})

const order = (id: string, location: string, dispensers = 0): Order =>
  ({
    id,
    external_id: id,
    site_name: 'Stop',
    store_number: `#${location}`,
    customer_url: location && `http://portal/app/customers/locations/${location}/`,
    dispensers: Array.from({ length: dispensers }, () => ({ serial_number: 'EX377', fuel_grades_list: [] })),
  }) as unknown as Order

test('orders at one location are one site; orders without a location never share one', () => {
  const sites = sitesOf([order('a', '71', 2), order('b', '71', 2), order('c', ''), order('d', '')], undefined)
  expect(sites.map(({ orders }) => orders.map(({ id }) => id))).toEqual([['c'], ['d'], ['a', 'b']])
})

test('what a run said of a site decides over what is stored', () => {
  const of = mergeReadings([[site('71', 'denied', 'x'), site('72', 'failed', 'x'), site('73', 'stored', 'x')]])
  const groups = sitesOf([order('a', '71', 2), order('b', '72', 2), order('c', '73', 2), order('d', '74')], of)
  expect(groups.map(({ group }) => group)).toEqual(['denied', 'trouble', 'read', 'unread'])
})

test('a search finds a site by a serial number', () => {
  const [one] = sitesOf([order('a', '71', 1)], undefined)
  expect(one && siteMatches(one, 'stop ex377')).toBe(true)
  expect(one && siteMatches(one, 'ex378')).toBe(false)
})

test('only web addresses of the portal become links', () => {
  expect(portalLink('/app/work/1/', 'https://portal.example')).toBe('https://portal.example/app/work/1/')
  expect(portalLink('https://other.example/x', undefined)).toBe('https://other.example/x')
  expect(portalLink('javascript:alert(1)', 'https://portal.example')).toBeUndefined()
  expect(portalLink('/app/work/1/', undefined)).toBeUndefined()
  expect(portalLink(null, 'https://portal.example')).toBeUndefined()
})

test('a map is asked for the whole address, quoted', () => {
  expect(mapLink(['1 A & B St', null, 'Town'])).toBe('https://www.google.com/maps/search/?api=1&query=1+A+%26+B+St%2C+Town')
  expect(mapLink([null, ''])).toBeUndefined()
  expect(locationOf('http://x/app/customers/locations/421692/')).toBe('421692')
})
