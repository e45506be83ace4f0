// What the list of schedules asks of the server.
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query'
import { useCallback, useMemo, type RefObject } from 'react'
import { answer, http, type Schemas } from '../../api/client'
import { sentence } from '../../api/errors'
import { calm, keys, live } from '../../api/queries'
import type { Filters } from './filters'

export type Schedule = Schemas['Schedule']
export type BulkAction = Schemas['BulkInputBody']['action']
export type Missed = 'none' | 'last'

const pageSize = 500

export interface Page {
  items: Schedule[]
  next?: string
  /** When it was asked for. */
  at: number
}

/** The schedules on screen, by their places in the list. */
export interface Seen {
  first: number
  last: number
}

/** Whether a page has schedules on screen. */
export function isSeen(pages: Page[], page: number, { first, last }: Seen): boolean {
  const start = pages.slice(0, page).reduce((n, each) => n + each.items.length, 0)
  return start <= last && start + (pages[page]?.items.length ?? 0) >= first
}

/**
 * What was between the page's bounds before, as it is now. Where something was deleted, the server fills the page up with what the next one
 * has: the bounds stay instead, so that the pages behind need not be asked for again.
 */
export function within(before: Page | undefined, now: Page): Page {
  const end = before?.items.at(-1)?.id
  const last = now.items.at(-1)?.id
  if (!before?.next || end === undefined || last === undefined || last < end) return now
  return { ...now, items: now.items.filter((schedule) => schedule.id <= end), next: before.next }
}

/**
 * The schedules by their ids, in pages that are asked for as one scrolls. Of many pages only those on screen are asked for again, and the
 * others when they come on screen; all of them when something was changed here.
 */
export function useSchedules(filters: Filters, seen: RefObject<Seen>) {
  const client = useQueryClient()
  const queryKey = [...keys.schedules, 'list', filters]
  return useInfiniteQuery({
    queryKey,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const state = client.getQueryState<InfiniteData<Page, string | undefined>>(queryKey)
      const at = state?.data?.pageParams.indexOf(pageParam) ?? -1
      const before = state?.data?.pages[at]
      if (before && !state?.isInvalidated && !isSeen(state?.data?.pages ?? [], at, seen.current)) return before
      const asked = Date.now()
      const call = http.GET('/api/scraping-schedules', {
        params: { query: { ...filters, limit: pageSize, cursor: pageParam } },
        signal,
      })
      const items = await answer(call)
      return within(before, { items, next: (await call).response.headers.get('X-Next-Cursor') ?? undefined, at: asked })
    },
    getNextPageParam: (last) => last.next,
    refetchInterval: calm,
    placeholderData: keepPreviousData,
  })
}

/** Asks again for the schedules on screen. */
export function useLook() {
  const client = useQueryClient()
  return useCallback(() => void client.refetchQueries({ queryKey: [...keys.schedules, 'list'], type: 'active' }), [client])
}

/**
 * The newest runs of the schedules on screen. The ids come in fixed blocks, so that scrolling asks for each block once; while it goes on,
 * there is only what is known already.
 */
export function useRecentRuns(blocks: number[][], enabled: boolean): Map<number, Schemas['RecentRuns']> {
  const queries = useMemo(
    () =>
      blocks.map((ids) => ({
        queryKey: [...keys.runs, 'recent', ids],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          answer(
            http.GET('/api/scraping-schedules/recent-runs', {
              params: { query: { ids, count: 20 } },
              querySerializer: { array: { style: 'form' as const, explode: false } },
              signal,
            }),
          ),
        enabled,
        refetchInterval: (query: { state: { data?: Schemas['RecentRuns'][] } }) =>
          query.state.data?.some((each) => each.runs.some((run) => run.outcome === null)) ? live : calm,
      })),
    [blocks, enabled],
  )
  return useQueries({ queries, combine: byId })
}

/** When the runs that are going have started, by their ids. Asked for once for each set of them. */
export function useStarts(going: string): ReadonlyMap<number, string> {
  const { data } = useQuery({
    queryKey: [...keys.runs, 'starts', going],
    queryFn: async ({ signal }) =>
      (await answer(http.GET('/api/runs', { params: { query: { outcome: ['running'], limit: 100 } }, signal }))).runs,
    select: startOf,
    enabled: going !== '',
    refetchInterval: false,
    placeholderData: keepPreviousData,
  })
  return data ?? none
}

const none: ReadonlyMap<number, string> = new Map()
const startOf = (runs: Schemas['Run'][]): ReadonlyMap<number, string> => new Map(runs.map((run) => [run.id, run.started_at]))

const byId = (results: { data?: Schemas['RecentRuns'][] }[]) =>
  new Map(results.flatMap((result) => result.data ?? []).map((each) => [each.schedule_id, each]))

/** Drops what a change of schedules may have touched. */
export const touch = (client: QueryClient) =>
  Promise.all([keys.schedules, keys.runs, keys.home].map((queryKey) => client.invalidateQueries({ queryKey })))

function useChange<V, T>(mutationFn: (change: V) => Promise<T>) {
  const client = useQueryClient()
  return useMutation({ mutationFn, onSettled: () => void touch(client) })
}

const put = (id: number, body: Schemas['UpdateInputBody']) =>
  answer(http.PUT('/api/scraping-schedules/{id}', { params: { path: { id } }, body }))

/** A run changes nothing about the other schedules: only those on screen are asked for again. */
export function useRunNow() {
  const client = useQueryClient()
  const look = useLook()
  return useMutation({
    mutationFn: (id: number) => answer(http.POST('/api/scraping-schedules/{id}/run', { params: { path: { id } } })),
    onSettled: (_data, _error, id) => {
      for (const queryKey of [keys.schedule(id), keys.runs, keys.home]) void client.invalidateQueries({ queryKey })
      look()
    },
  })
}

export const useUpdate = () => useChange(({ id, body }: { id: number; body: Schemas['UpdateInputBody'] }) => put(id, body))

export const useDelete = () =>
  useChange((id: number) => answer(http.DELETE('/api/scraping-schedules/{id}', { params: { path: { id } } })))

export interface Bulk {
  action: BulkAction
  ids: number[]
  reason?: string
  missed?: Missed
}

/** As many as one request tells about, and as many as one changes within the time that a request may take. */
const mostTold = 1000
const mostChanged = 50

function parts<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) => all.slice(part * size, (part + 1) * size))
}

const bulk = async (change: Bulk, dryRun: boolean, signal?: AbortSignal): Promise<Schemas['BulkItem'][]> => {
  const reason = change.reason?.trim() || undefined
  const body = { action: change.action, ids: change.ids, reason, missed: change.missed, dry_run: dryRun }
  return (await answer(http.POST('/api/scraping-schedules/bulk', { body, signal }))).items
}

/** What a change of many would do, told by the server. */
export const useDryRun = (action: BulkAction, ids: number[]) =>
  useQuery({
    queryKey: ['plan', action, ids],
    queryFn: async ({ signal }) => {
      const items: Schemas['BulkItem'][] = []
      for (const part of parts(ids, mostTold)) items.push(...(await bulk({ action, ids: part }, true, signal)))
      return items
    },
    // What is about to be agreed to must not change while it is read.
    refetchInterval: false,
    refetchOnWindowFocus: false,
    gcTime: 0,
  })

interface Carry {
  change: Bulk
  planned: Schemas['BulkItem'][]
  onProgress: (done: number) => void
}

/** Changes many, some at a time; what cannot be done says so and keeps nothing else from being done. */
export const useBulk = () =>
  useChange(async ({ change, planned, onProgress }: Carry) => {
    const results = new Map(planned.map((item) => [item.id, item]))
    const left = planned.filter((item) => item.result === 'done')
    let done = 0
    for (const part of parts(left, mostChanged)) {
      const ids = part.map((item) => item.id)
      for (const item of await attempt(() => bulk({ ...change, ids }, false), part)) results.set(item.id, item)
      done += part.length
      onProgress(done)
    }
    return [...results.values()]
  })

/** A part that nobody answered for is shown as failed: asking again does only what is left. */
async function attempt(work: () => Promise<Schemas['BulkItem'][]>, part: Schemas['BulkItem'][]) {
  try {
    return await work()
  } catch (error) {
    return part.map((item) => ({ ...item, result: 'failed' as const, message: sentence(error) }))
  }
}

/** All schedules as a document. */
export const useExport = () =>
  useMutation({
    mutationFn: () =>
      answer(
        http.GET('/api/scraping-schedules/export', {
          headers: { Accept: 'application/yaml' },
          parseAs: 'blob',
        }),
      ),
  })

export interface Import {
  text: string
  dryRun: boolean
  prune: boolean
}

/** Makes the schedules what a document says, or tells what that would do. A document is YAML; JSON is YAML, too. */
export function useApply() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ text, dryRun, prune }: Import) =>
      answer(
        http.POST('/api/scraping-schedules/apply', {
          params: { query: { dry_run: dryRun, prune } },
          headers: { 'Content-Type': 'application/yaml' },
          body: text as unknown as Schemas['DefinitionList'],
          bodySerializer: (body) => body as unknown as string,
        }),
      ),
    onSettled: (_data, _error, { dryRun }) => void (dryRun || touch(client)),
  })
}
