// What the list of schedules asks of the server.
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { sentence } from '../../api/errors'
import { calm, keys, live } from '../../api/queries'
import type { Filters } from './filters'

export type Schedule = Schemas['Schedule']
export type BulkAction = Schemas['BulkInputBody']['action']
export type Missed = 'none' | 'last'

const pageSize = 500

/** The schedules, in pages that are asked for as one scrolls. */
export const useSchedules = (filters: Filters) =>
  useInfiniteQuery({
    queryKey: [...keys.schedules, 'list', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const call = http.GET('/api/scraping-schedules', {
        params: { query: { ...filters, limit: pageSize, cursor: pageParam } },
        signal,
      })
      const items = await answer(call)
      return { items, next: (await call).response.headers.get('X-Next-Cursor') ?? undefined }
    },
    getNextPageParam: (last) => last.next,
    // Every page that was scrolled to is asked for again, so many pages are asked for less often.
    refetchInterval: (query) => calm * Math.max(1, Math.ceil((query.state.data?.pages.length ?? 1) / 4)),
    placeholderData: keepPreviousData,
  })

/** The newest runs of the schedules on screen. The ids come in fixed blocks, so that scrolling asks for each block once. */
export const useRecentRuns = (blocks: number[][]): Map<number, Schemas['RecentRuns']> =>
  useQueries({
    queries: blocks.map((ids) => ({
      queryKey: [...keys.runs, 'recent', ids],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        answer(
          http.GET('/api/scraping-schedules/recent-runs', {
            params: { query: { ids, count: 20 } },
            querySerializer: { array: { style: 'form', explode: false } },
            signal,
          }),
        ),
      refetchInterval: (query: { state: { data?: Schemas['RecentRuns'][] } }) =>
        query.state.data?.some((each) => each.runs.some((run) => run.outcome === null)) ? live : calm,
    })),
    combine: byId,
  })

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

export const useRunNow = () =>
  useChange((id: number) => answer(http.POST('/api/scraping-schedules/{id}/run', { params: { path: { id } } })))

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
