// What the editor asks of the server.
import { useMutation, useQueries, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, http, type Schemas } from '../../api/client'
import { ProblemError, sentence } from '../../api/errors'
import { calm, keys } from '../../api/queries'
import { scheduleName } from '../../components/counts'
import { inClock } from '../../time/zone'

type Schedule = Schemas['Schedule']
type PreviewBody = Schemas['PreviewInputBody']

const read = (id: number, signal?: AbortSignal): Promise<Schedule> =>
  answer(http.GET('/api/scraping-schedules/{id}', { params: { path: { id } }, signal }))

/** The names that schedules of a type have, as people read them; of very many only the first. */
export const useNames = (): UseQueryResult<Record<string, string[]>> =>
  useQuery({
    queryKey: [...keys.schedules, 'names'],
    queryFn: async ({ signal }) => {
      const all = await answer(http.GET('/api/scraping-schedules', { params: { query: { limit: 500 } }, signal }))
      const names: Record<string, string[]> = {}
      for (const each of all) (names[each.schedule_type] ??= []).push(scheduleName(each))
      return names
    },
    refetchInterval: false,
  })

/** The schedule to edit. It is read once: what one types must not be changed under one's hands. */
export const useSchedule = (id: number): UseQueryResult<Schedule> =>
  useQuery({
    queryKey: keys.schedule(id),
    queryFn: ({ signal }) => read(id, signal),
    refetchInterval: false,
    enabled: Number.isInteger(id),
  })

interface Previewed {
  /** The newest one that the server gave; it stays while the form cannot be read. */
  preview?: Schemas['Preview']
  /** It belongs to an earlier state of the form. */
  waiting: boolean
  error?: ProblemError
  /** Nothing answered. */
  away?: unknown
}

/** When a schedule would run; nothing is asked while the form has mistakes that need no server to see. */
export function usePreview(body: PreviewBody | undefined): Previewed {
  const query = useQuery({
    queryKey: [...keys.schedules, 'preview', body],
    queryFn: ({ signal }) => answer(http.POST('/api/scraping-schedules/preview', { body: body as PreviewBody, signal })),
    enabled: body !== undefined,
    staleTime: calm,
    gcTime: 60_000,
  })
  const [last, setLast] = useState<Schemas['Preview']>()
  // What a form without times would start from says nothing of the times that are typed next.
  const newest = body === undefined ? undefined : (query.data ?? last)
  if (newest !== last) setLast(newest)
  const refused = query.error instanceof ProblemError && query.error.status < 500
  return {
    preview: newest,
    waiting: query.data === undefined,
    error: refused ? (query.error as ProblemError) : undefined,
    away: refused ? undefined : query.error,
  }
}

export interface Reading {
  sentence?: string
  error?: string
}

/** What each cron line means, line by line, or what is wrong with it. */
export const useReadings = (lines: string[], zone: string, type: PreviewBody['schedule_type']): Reading[] =>
  useQueries({
    queries: lines.map((line) => ({
      queryKey: [...keys.schedules, 'reading', line, zone],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        answer(
          http.POST('/api/scraping-schedules/preview', {
            body: { schedule_type: type, cron: [line], timezone: zone, count: 1 },
            signal,
          }),
        ),
      enabled: line !== '',
      refetchInterval: false as const,
      staleTime: Infinity,
      retry: false,
    })),
    combine: readings,
  })

const readings = (results: { data?: Schemas['Preview']; error: unknown }[]): Reading[] =>
  results.map(({ data, error }) => ({
    // The zone stands once, for all lines.
    sentence: data && inClock(data.sentence.replace(/, [^,]+ time\.$/, '.')),
    error: error instanceof ProblemError && error.status === 422 ? sentence(error) : undefined,
  }))

function useSaved() {
  const client = useQueryClient()
  return (schedule: Schedule) => {
    client.setQueryData(keys.schedule(schedule.id), schedule)
    for (const queryKey of [keys.schedules, keys.runs, keys.home]) void client.invalidateQueries({ queryKey })
  }
}

export const useCreate = () =>
  useMutation({
    mutationFn: (body: Schemas['CreateInputBody']) => answer(http.POST('/api/scraping-schedules', { body })),
    onSuccess: useSaved(),
  })

interface Change {
  id: number
  body: Schemas['UpdateInputBody']
  /** What was read; left out: whatever it is like now. */
  version?: string
}

export const useUpdate = () =>
  useMutation({
    mutationFn: ({ id, body, version }: Change) =>
      answer(
        http.PUT('/api/scraping-schedules/{id}', {
          params: { path: { id }, header: version === undefined ? {} : { 'If-Match': `"${version}"` } },
          body,
        }),
      ),
    onSuccess: useSaved(),
  })

/** The schedule as it is now, after somebody else changed it. */
export const useTheirs = () => useMutation({ mutationFn: (id: number) => read(id) })
