import { keepPreviousData, useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { calm, keys, live } from '../../api/queries'
import type { RunsQuery } from './filters'

const pageSize = 50
/** With more pages than this on screen nobody waits for what is new, and asking again would be dear. */
const watchedPages = 3

/** Runs a page at a time, newest first. */
export const useRuns = (query: RunsQuery) =>
  useInfiniteQuery({
    queryKey: [...keys.runs, 'list', query],
    queryFn: ({ pageParam, signal }) =>
      answer(http.GET('/api/runs', { params: { query: { ...query, limit: pageSize, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? []
      if (pages.length > watchedPages) return false
      return pages[0]?.runs.some((run) => run.completed_at === null) ? live : calm
    },
  })

/** All schedules of the caller, for their names and zones. */
export const useSchedules = (): UseQueryResult<Schemas['Schedule'][]> =>
  useQuery({
    queryKey: [...keys.schedules, 'all'],
    queryFn: ({ signal }) => answer(http.GET('/api/scraping-schedules', { signal })),
    staleTime: 30_000,
  })
