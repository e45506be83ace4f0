import { describe, expect, it } from 'vitest'
import { fromField, toField } from './zoned'

describe('times in a zone', () => {
  it('go there and back', () => {
    for (const zone of ['UTC', 'America/Chicago', 'Asia/Kolkata', 'Pacific/Auckland'])
      for (const at of ['2030-01-02T13:30:00Z', '2030-07-02T23:59:00Z', '2030-03-10T07:59:00Z'])
        expect(fromField(toField(at, zone), zone)).toBe(at)
  })

  it('are nothing when empty', () => {
    expect(fromField('', 'UTC')).toBeNull()
    expect(toField(null, 'UTC')).toBe('')
  })

  it('move an hour on where the clocks leave them out', () => {
    // 2:30 on 10 March 2030 does not exist in Chicago: the clocks go from 2:00 to 3:00.
    expect(fromField('2030-03-10T02:30', 'America/Chicago')).toBe('2030-03-10T08:30:00Z')
  })
})
