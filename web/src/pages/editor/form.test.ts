import { describe, expect, it, test } from 'vitest'
import type { Schemas } from '../../api/client'
import { plain } from '../../components/fieldNames'
import { fieldOf, formOf, freeName, mistakes, toCreate, toUpdate } from './form'
import { cronLine } from './presets'
import { settingsOf } from './settings'

const schedule = {
  schedule_type: 'filters',
  name: 'Night',
  interval_hours: 1.5,
  cron: [],
  active_hours: { start: 6, end: 22 },
  active_days: [],
  timezone: 'America/Chicago',
  skip_dates: [],
  starts_at: '2030-01-01T06:00:30Z',
  ends_at: null,
  offset_seconds: 1439,
  dst_policy: 'twice',
  catchup: 'last',
  overlap: 'skip',
  max_age_hours: null,
  enabled: true,
  pause_reason: '',
  settings: { days_ahead: 0, overrides: {} },
} as unknown as Schemas['Schedule']
const initial = formOf(schedule)

describe('toUpdate', () => {
  it('sends nothing for nothing, although a field shows no seconds', () => expect(toUpdate(initial, initial)).toEqual({}))

  it('sends only what is different', () =>
    expect(toUpdate({ ...initial, name: 'Day', maxAge: 4 }, initial)).toEqual({ name: 'Day', max_age_hours: 4 }))

  it('takes cron in place of the interval, and the other way round', () => {
    const cron = { ...initial, mode: 'cron' as const, cron: [' 0 6 * * * ', ''], offset: 20 }
    expect(toUpdate(cron, { ...initial, offset: 20 })).toEqual({ cron: ['0 6 * * *'] })
    expect(toUpdate({ ...cron, mode: 'interval' }, cron)).toEqual({ interval_hours: 1.5, cron: null })
  })

  it('moves the start with the zone', () =>
    expect(toUpdate({ ...initial, zone: 'UTC' }, initial)).toEqual({ timezone: 'UTC', starts_at: '2030-01-01T00:00:00Z' }))

  it('lets an offset that no longer fits be chosen anew, unless it was typed', () => {
    expect(toUpdate({ ...initial, minutes: 15 }, initial).offset_seconds).toBeNull()
    expect(toUpdate({ ...initial, minutes: 15, offset: 1000 }, initial).offset_seconds).toBe(1000)
    expect(toUpdate({ ...initial, minutes: 30 }, initial)).toEqual({ interval_hours: 0.5 })
  })
})

it('names what no server needs to say', () => {
  expect(mistakes(initial)).toEqual({})
  expect(Object.keys(mistakes({ ...initial, name: ' ', minutes: undefined }))).toEqual(['name', 'interval_hours'])
  expect(Object.keys(mistakes({ ...initial, mode: 'cron', cron: ['  '] }))).toEqual(['cron'])
})

it('finds the field of a refusal', () => {
  expect(fieldOf('body.cron[1]')).toBe('cron.1')
  expect(fieldOf('active_hours.start')).toBe('active_hours')
  expect(fieldOf('settings.may_lose')).toBe('settings.may_lose')
})

it('says refusals without names of the interface', () => {
  expect(plain('may_lose must be from 0 to 10000.')).toBe('May lose must be from 0 to 10000.')
  expect(plain('interval_hours must be between 0.01667 and 24.')).toBe('Choose from 1 minute to 24 hours.')
  expect(plain('Look at cron, active_hours and ends_at.')).toBe('Look at cron, the hours and the end.')
})

it('makes cron lines', () => {
  expect(cronLine('06:05', [5, 1])).toBe('5 6 * * 1,5')
  expect(cronLine('18:30', [0, 1, 2, 3, 4, 5, 6])).toBe('30 18 * * *')
})

it('reads settings from any schema', () => {
  const kinds = settingsOf({
    properties: {
      a: { type: 'boolean' },
      b: { type: ['integer', 'null'], minimum: 1 },
      c: { type: 'number', minimum: 0, maximum: 1 },
      d: { enum: ['x', null] },
      e: { type: 'array', items: { type: 'string' } },
      f: { type: 'object', additionalProperties: { type: 'integer' } },
      g: { type: 'object' },
    },
  }).map(({ name, kind }) => name + kind)
  expect(kinds).toEqual(['aboolean', 'bnumber', 'cshare', 'dchoice', 'etexts', 'famounts'])
})

it('gives a create everything', () =>
  expect(toCreate(initial, initial)).toMatchObject({ name: 'Night', ends_at: null, settings: { days_ahead: 0 } }))

test('the name that is proposed is free', () => {
  expect(freeName('Filters', ['Work orders'])).toBe('Filters')
  expect(freeName('Filters', ['Filters', 'Filters 2', 'Filters 4'])).toBe('Filters 3')
})
