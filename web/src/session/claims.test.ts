import { describe, expect, it } from 'vitest'
import { claimsOf, shouldRenew } from './claims'

const token = (claims: object) =>
  `x.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}.y`

describe('claims', () => {
  it('reads a token, also one with signs outside of ASCII', () => {
    expect(claimsOf(token({ sub: 'ünï>?>?', iat: 1, exp: 2 }))?.sub).toBe('ünï>?>?')
  })

  it('takes nonsense for no token', () => {
    for (const text of [null, '', 'x', 'x.y.z', token({ sub: 'a' })]) expect(claimsOf(text)).toBeUndefined()
  })
})

describe('renewing', () => {
  const claims = { sub: 'a', sid: 's', iat: 1000, exp: 2000 }
  it('begins in the second half of the life', () => {
    expect(shouldRenew(claims, 1_499_000)).toBe(false)
    expect(shouldRenew(claims, 1_501_000)).toBe(true)
  })
  it('is not tried with what has expired, has no session, or is not there', () => {
    expect(shouldRenew(claims, 2_000_000)).toBe(false)
    expect(shouldRenew({ ...claims, sid: undefined }, 1_900_000)).toBe(false)
    expect(shouldRenew(undefined, 1_900_000)).toBe(false)
  })
})
