// Links that leave this page. The portal's addresses are what it showed, so only web addresses are taken.

/** A web address of the portal, absolute; undefined when there is none or it is something else. */
export function portalLink(address: string | null | undefined, base: string | undefined): string | undefined {
  if (!address) return undefined
  try {
    const url = new URL(address, base)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
  } catch {
    return undefined // relative, and nobody knows to what
  }
}

/** Where a map shows an address. */
export function mapLink(parts: (string | null | undefined)[]): string | undefined {
  const text = parts.filter(Boolean).join(', ')
  return text ? `https://www.google.com/maps/search/?${new URLSearchParams({ api: '1', query: text }).toString()}` : undefined
}

/** The portal's number of an order's site; orders without one cannot share a site. */
export const locationOf = (customerUrl: string | null | undefined) => customerUrl?.match(/\/locations\/(\d+)/)?.[1]
