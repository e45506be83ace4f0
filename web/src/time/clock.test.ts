import { expect, test } from 'vitest'
import { distanceBeside, hourName, inClock, when } from './zone'

test('times of sentences are shown as the browser’s clocks show them', () => {
  const plain = (text: string) => inClock(text).replaceAll('\u202f', ' ')
  expect(plain('Every hour from 6:00 to 22:00, Chicago time, at 6:43, 7:43 ... 21:43.')).toBe(
    'Every hour from 6:00 AM to 10:00 PM, Chicago time, at 6:43 AM, 7:43 AM ... 9:43 PM.',
  )
  expect(plain('From 0:00 to 24:00, at 12:00:05.')).toBe('From 12:00 AM to 12:00 AM, at 12:00:05 PM.')
  expect(plain('Run 17 of 2030-01-02 took 1:2 and 25:00.')).toBe('Run 17 of 2030-01-02 took 1:2 and 25:00.')
})

test('hours have names', () => {
  expect([0, 6, 12, 18, 24].map((hour) => hourName(hour).replaceAll('\u202f', ' '))).toEqual([
    '12 AM',
    '6 AM',
    '12 PM',
    '6 PM',
    '12 AM',
  ])
})

test('a distance does not say again what the time has said', () => {
  const now = new Date('2030-01-01T12:00:00Z')
  const beside = (at: string) => distanceBeside(when(new Date(at), 'UTC', now), new Date(at), now)
  expect(beside('2030-01-02T12:00:00Z')).toBe('')
  expect(beside('2029-12-31T12:00:00Z')).toBe('')
  expect(beside('2030-01-01T13:00:00Z')).toBe('in 1 hour')
})
