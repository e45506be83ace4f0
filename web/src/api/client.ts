// The only place that knows HTTP: one typed client, the token it sends, and what an answer says about the connection.
import createClient, { type Middleware } from 'openapi-fetch'
import { connection } from './connection'
import { ProblemError, Unreachable, type Problem } from './errors'
import type { components, paths } from './schema'
import { token } from './token'

export type Schemas = components['schemas']

/** Statuses that say that the server, or what it stands on, is away; everything else is an answer. */
const away = new Set([502, 503, 504])

/** How long a request may take. A first sign-in waits for the portal. */
const patience = 20_000
const signInPatience = 100_000

const watch: Middleware = {
  onRequest({ request }) {
    const text = token.read()
    if (text && !request.headers.has('Authorization')) request.headers.set('Authorization', `Bearer ${text}`)
    return request
  },
  onResponse({ request, response }) {
    // A sign-in may fail because the portal is down: that says nothing about our server.
    const aboutPortal = /\/api\/(auth\/(login|verify)|v1\/credentials)/.test(new URL(request.url).pathname)
    if (away.has(response.status) && !aboutPortal) connection.lost()
    else connection.heard()
    if (response.status === 401 && token.read() && request.headers.get('Authorization') === `Bearer ${token.read()}`)
      token.expired()
    return response
  },
}

async function reach(input: Request): Promise<Response> {
  const limit = AbortSignal.timeout(/\/api\/(auth\/(login|verify)|v1\/credentials)/.test(input.url) ? signInPatience : patience)
  try {
    return await fetch(new Request(input, { signal: AbortSignal.any([input.signal, limit]) }))
  } catch (cause) {
    if (input.signal.aborted) throw cause // nobody waits for it any more
    connection.lost()
    throw new Unreachable(cause)
  }
}

export const http = createClient<paths>({ baseUrl: window.location.origin, fetch: reach })
http.use(watch)

/** What an answer holds; an error with a sentence for people when it is a refusal. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw new ProblemError(response.status, (error ?? {}) as Problem)
  return data as T
}
