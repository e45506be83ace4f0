import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, http, type Schemas } from '../../api/client'
import { keys } from '../../api/queries'
import type { paths } from '../../api/schema'

export type Schedule = Schemas['Schedule']
export type RunQuery = NonNullable<paths['/api/runs']['get']['parameters']['query']>

export const useSchedule = (id: number) =>
  useQuery({
    queryKey: [...keys.schedule(id), 'row'],
    queryFn: ({ signal }) => answer(http.GET('/api/scraping-schedules/{id}', { signal, params: { path: { id } } })),
  })

/** The timing in words, the next slots and what one may not expect of them. */
export const usePreview = (id: number) =>
  useQuery({
    queryKey: [...keys.schedule(id), 'preview'],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/scraping-schedules/{id}/preview', { signal, params: { path: { id }, query: { count: 100 } } })),
  })

export const useSlots = (id: number, from: number, to: number) =>
  useQuery({
    queryKey: [...keys.schedule(id), 'slots', from, to],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/scraping-schedules/{id}/slots', {
          signal,
          params: { path: { id }, query: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } },
        }),
      ),
    placeholderData: keepPreviousData,
  })

export const useHeatmap = (id: number) =>
  useQuery({
    queryKey: [...keys.schedule(id), 'heatmap'],
    queryFn: ({ signal }) => answer(http.GET('/api/scraping-schedules/{id}/heatmap', { signal, params: { path: { id } } })),
    refetchInterval: 300_000,
  })

export const useRunsOf = (id: number, filter: RunQuery) =>
  useQuery({
    queryKey: [...keys.runs, 'of', id, filter],
    queryFn: ({ signal }) => answer(http.GET('/api/runs', { signal, params: { query: { ...filter, schedule_id: id } } })),
    placeholderData: keepPreviousData,
  })

export function useChange(id: number) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['UpdateInputBody']) =>
      answer(http.PUT('/api/scraping-schedules/{id}', { params: { path: { id } }, body })),
    onSettled: () => {
      for (const key of [keys.schedules, keys.runs, keys.home]) void client.invalidateQueries({ queryKey: key })
    },
  })
}

export function useDelete(id: number) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answer(http.DELETE('/api/scraping-schedules/{id}', { params: { path: { id } } })),
    onSuccess() {
      void client.invalidateQueries({ queryKey: keys.schedules, predicate: (query) => query.queryKey[1] !== id })
      void client.invalidateQueries({ queryKey: keys.home })
    },
  })
  // What is known of it goes with its page: before, the page would ask for it again.
  const { isSuccess } = remove
  useEffect(() => {
    if (isSuccess) return () => client.removeQueries({ queryKey: keys.schedule(id) })
  }, [isSuccess, client, id])
  return remove
}
