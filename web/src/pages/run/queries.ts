import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { answer, http, type Schemas } from '../../api/client'
import { calm, keys, live } from '../../api/queries'
import { notify } from '../../components/notify'

export type Run = Schemas['Run']

/** Everything that a run, or a decision about one, may change on any page. */
export function useRunsChanged() {
  const client = useQueryClient()
  return () => {
    for (const key of [keys.schedules, keys.runs, keys.home, keys.data]) void client.invalidateQueries({ queryKey: key })
  }
}

export const useRun = (id: number) =>
  useQuery({
    queryKey: [...keys.run(id), 'row'],
    queryFn: ({ signal }) => answer(http.GET('/api/runs/{id}', { signal, params: { path: { id } } })),
    // A run that has just been asked for gets its row when a worker begins it.
    refetchInterval: ({ state }) => (state.data ? (state.data.completed_at ? calm : live) : state.error ? live * 2 : calm),
  })

/** The schedule of a run, for its name and zone; nothing when it was deleted. */
export const useScheduleOf = (id: number | null | undefined) =>
  useQuery({
    queryKey: [...keys.schedule(id ?? 0), 'row'],
    queryFn: ({ signal }) => answer(http.GET('/api/scraping-schedules/{id}', { signal, params: { path: { id: id ?? 0 } } })),
    enabled: Boolean(id),
    retry: false,
  })

/** What a schedule's newest run is doing. While one is going, or one is about to begin, it is asked for every two seconds. */
export function useProgress(scheduleId: number | null | undefined, soon = false, enabled = true) {
  const changed = useRunsChanged()
  const query = useQuery({
    queryKey: [...keys.schedule(scheduleId ?? 0), 'progress'],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/scraping-schedules/{id}/sync-progress', { signal, params: { path: { id: scheduleId ?? 0 } } })),
    refetchInterval: ({ state }) => (soon || state.data?.status === 'in_progress' ? live : calm),
    enabled: enabled && Boolean(scheduleId),
  })
  // A run that begins or ends changes the schedule, the history and the slots.
  const status = query.data?.status
  const before = useRef(status)
  useEffect(() => {
    if (before.current !== undefined && before.current !== status) changed()
    before.current = status
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the status is another one
  }, [status])
  return query
}

export const useSteps = (id: number, going: boolean) =>
  useQuery({
    queryKey: [...keys.run(id), 'steps'],
    queryFn: ({ signal }) => answer(http.GET('/api/runs/{id}/steps', { signal, params: { path: { id } } })),
    refetchInterval: going ? live : calm,
  })

export const useSites = (id: number, going: boolean, enabled: boolean) =>
  useQuery({
    queryKey: [...keys.run(id), 'sites'],
    queryFn: ({ signal }) => answer(http.GET('/api/runs/{id}/sites', { signal, params: { path: { id } } })),
    refetchInterval: going ? live * 2 : calm,
    enabled,
  })

/** What a run changed, a hundred at a time. */
export const useChanges = (id: number, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: [...keys.run(id), 'changes'],
    queryFn: ({ signal, pageParam }) =>
      answer(http.GET('/api/runs/{id}/changes', { signal, params: { path: { id }, query: { after: pageParam, limit: 100 } } })),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
    enabled,
  })

/** What accepting a held result would change; 409 when it is out of date. */
export const useHeldEffect = (id: number, enabled: boolean) =>
  useQuery({
    queryKey: [...keys.run(id), 'held'],
    queryFn: ({ signal }) => answer(http.GET('/api/runs/{id}/held', { signal, params: { path: { id } } })),
    refetchInterval: calm,
    enabled,
  })

export const useEvidence = (id: number, enabled: boolean) =>
  useQuery({
    queryKey: [...keys.run(id), 'evidence'],
    queryFn: ({ signal }) => answer(http.GET('/api/runs/{id}/evidence', { signal, params: { path: { id } } })),
    refetchInterval: false,
    enabled,
  })

async function file(id: number, name: string, signal?: AbortSignal): Promise<Blob> {
  const got = await answer(
    http.GET('/api/runs/{id}/evidence/{name}', { signal, params: { path: { id, name } }, parseAs: 'blob' }),
  )
  return got as Blob
}

/** A picture of the portal's page. It needs the token, so that an address alone would not show it. */
export const usePicture = (id: number, name: string) =>
  useQuery({
    queryKey: [...keys.run(id), 'evidence', name],
    queryFn: ({ signal }) => file(id, name, signal),
    refetchInterval: false,
    staleTime: Infinity,
    gcTime: 60_000,
  })

export const useDownload = (id: number) =>
  useMutation({
    mutationFn: (name: string) => file(id, name),
    onSuccess(blob, name) {
      const url = URL.createObjectURL(blob)
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    },
  })

export const useErrorLog = (run: Run) =>
  useQuery({
    queryKey: [...keys.run(run.id), 'error-log'],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/scraping-schedules/{id}/history/{history_id}/error-log', {
          signal,
          params: { path: { id: run.schedule_id ?? 0, history_id: run.id } },
        }),
      ),
    refetchInterval: false,
    enabled: run.has_error_log && run.schedule_id !== null,
    select: (reply) => reply.error_log,
  })

/** The newest run of the same schedule that stored data, within bounds: since when it has failed, whether it works again. */
export const useGoodRun = (run: Run, where: 'before' | 'after', enabled: boolean) =>
  useQuery({
    queryKey: [...keys.runs, 'good', where, run.id],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/runs', {
          signal,
          params: {
            query: {
              schedule_id: run.schedule_id ?? undefined,
              outcome: ['success', 'partial'],
              limit: 1,
              ...(where === 'before' ? { to: run.started_at } : { from: run.completed_at ?? run.started_at }),
            },
          },
        }),
      ),
    select: (list) => list.runs[0] ?? null,
    enabled: enabled && run.schedule_id !== null,
    placeholderData: keepPreviousData,
  })

export const useConfig = () =>
  useQuery({
    queryKey: keys.config,
    queryFn: ({ signal }) => answer(http.GET('/api/config', { signal })),
    refetchInterval: false,
    staleTime: Infinity,
  })

export function useCancel() {
  const changed = useRunsChanged()
  return useMutation({
    mutationFn: (id: number) => answer(http.POST('/api/runs/{id}/cancel', { params: { path: { id } } })),
    onSettled: changed,
  })
}

export function useDecide(id: number) {
  const client = useQueryClient()
  const changed = useRunsChanged()
  return useMutation({
    mutationFn: (decision: 'accept' | 'discard') =>
      decision === 'accept'
        ? answer(http.POST('/api/runs/{id}/accept', { params: { path: { id } } }))
        : answer(http.POST('/api/runs/{id}/discard', { params: { path: { id } } })),
    onSuccess(_, decision) {
      // What was only asked about an undecided result is answered by then.
      for (const what of ['held', 'error-log']) client.removeQueries({ queryKey: [...keys.run(id), what] })
      notify(decision === 'accept' ? 'The result is accepted and stored.' : 'The result is discarded. Your data is as before.')
      window.scrollTo({ top: 0 })
    },
    onSettled: changed,
  })
}

export function useDeleteRun() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: number) =>
      answer(http.DELETE('/api/scraping-schedules/history/{history_id}', { params: { path: { history_id: id } } })),
    onSuccess(_, id) {
      client.removeQueries({ queryKey: keys.run(id) })
      void client.invalidateQueries({ queryKey: keys.runs, predicate: (query) => query.queryKey[1] !== id })
      void client.invalidateQueries({ queryKey: keys.home })
    },
  })
}

/** Starts a run of a schedule at once. */
export function useStart() {
  const changed = useRunsChanged()
  return useMutation({
    mutationFn: ({ id, ...body }: { id: number } & Schemas['RunRequest']) =>
      answer(http.POST('/api/scraping-schedules/{id}/run', { params: { path: { id } }, body })),
    onSettled: changed,
  })
}
