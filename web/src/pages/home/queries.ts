import { keepPreviousData, useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { calm, keys, live, queryClient } from '../../api/queries'
import { titles } from '../../components/counts'
import { useVisit } from '../../session/preferences'

type Home = Schemas['Home']
type JobType = Schemas['HomeJob']['schedule_type']

/** How long until the start page should be asked for again: soon when a run is due, else calmly. */
export function nextLook(home: Home | undefined, now: number): number {
  const due = (home?.jobs ?? []).flatMap((job) => (job.next_run ? [Date.parse(job.next_run) - now] : []))
  const soonest = Math.min(...due)
  // A run shows a moment after its slot; one that is long overdue is no reason to hurry.
  if (soonest < -60_000) return calm
  return Math.max(live, Math.min(calm, soonest + 1_000))
}

export function useHome(): UseQueryResult<Home> {
  const visit = useVisit()
  const since = visit.data ?? undefined
  return useQuery({
    queryKey: [...keys.home, since ?? null],
    queryFn: ({ signal }) => answer(http.GET('/api/home', { params: { query: { since } }, signal })),
    enabled: !visit.isPending,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => nextLook(query.state.data, Date.now()),
  })
}

/** All that a run of a schedule may have touched. */
export const refreshRuns = () =>
  Promise.all([keys.home, keys.schedules, keys.runs].map((queryKey) => queryClient.invalidateQueries({ queryKey })))

export const progressKey = (id: number) => [...keys.schedule(id), 'progress'] as const

/** How far a schedule's run is; asked for every two seconds while it goes. */
export const useProgress = (id: number): UseQueryResult<Schemas['Progress']> =>
  useQuery({
    queryKey: progressKey(id),
    queryFn: ({ signal }) => answer(http.GET('/api/scraping-schedules/{id}/sync-progress', { params: { path: { id } }, signal })),
    gcTime: 0,
    refetchInterval: (query) => (query.state.data && query.state.data.status !== 'in_progress' ? false : live),
  })

export const useRunNow = () =>
  useMutation({
    mutationFn: (id: number) => answer(http.POST('/api/scraping-schedules/{id}/run', { params: { path: { id } }, body: {} })),
    onSettled: (_started, _error, id) => {
      void queryClient.invalidateQueries({ queryKey: progressKey(id) })
      void refreshRuns()
    },
  })

/** A schedule for people who do not want to think about one: every hour of the working day. */
export const recommended = (type: JobType, timezone: string, offset?: number): Schemas['CreateInputBody'] => ({
  schedule_type: type,
  name: titles[type],
  interval_hours: 1,
  active_hours: { start: 6, end: 22 },
  timezone,
  offset_seconds: offset,
})

/** So many seconds after the one before, in each hour: a run waits for the runs before it that bring what it is built on. */
const apart = 5

/** Creates the recommended schedules for some types. Those made together are due one right after the other. */
export const useStart = () =>
  useMutation({
    async mutationFn({ types, timezone }: { types: JobType[]; timezone: string }) {
      const made: Schemas['Schedule'][] = []
      for (const type of types) {
        const before = made.at(-1)
        const offset = before && (before.offset_seconds + apart) % 3600
        made.push(await answer(http.POST('/api/scraping-schedules', { body: recommended(type, timezone, offset) })))
      }
      return made
    },
    onSettled: () => refreshRuns(),
  })
