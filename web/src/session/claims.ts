// What can be read from an access token without its key. Nothing is trusted for it: it only says when to ask for a new one.

export interface Claims {
  /** Whose it is. */
  sub: string
  /** Their e-mail address. */
  email?: string
  /** The session; tokens of older versions have none and cannot be renewed. */
  sid?: string
  /** Seconds since the epoch. */
  iat: number
  exp: number
}

/** The claims of a token; undefined when it cannot be read. */
export function claimsOf(token: string | null): Claims | undefined {
  try {
    const part = (token ?? '').split('.')[1] ?? ''
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Claims
    return typeof claims.exp === 'number' && typeof claims.iat === 'number' ? claims : undefined
  } catch {
    return undefined
  }
}

/** Whether less than half of a token's life is left, and it is still good. */
export function shouldRenew(claims: Claims | undefined, now: number): boolean {
  if (!claims?.sid) return false
  const seconds = now / 1000
  return seconds < claims.exp && claims.exp - seconds < (claims.exp - claims.iat) / 2
}
