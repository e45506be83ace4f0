// What pages ask of the server. A page uses these hooks and never the client.
import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { answer, http, type Schemas } from './client'
import { inTypeOrder } from '../components/counts'
import { connection } from './connection'
import { ProblemError } from './errors'

/** How often it is tried whether the server is back. */
const lost = 5_000

/** How often what is on screen is asked for again, in milliseconds; a hidden tab asks for nothing. */
export const calm = 30_000
export const live = 2_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      refetchInterval: () => (connection.get().lostAt === undefined ? calm : lost),
      refetchIntervalInBackground: false,
      refetchOnWindowFocus: true,
      staleTime: 1_000,
      // The server on this machine may answer while the computer is offline.
      networkMode: 'always',
      retry: (failures, error) => failures < 1 && !(error instanceof ProblemError && error.status < 500),
    },
    mutations: { networkMode: 'always' },
  },
})

/** When the server is back, what is on screen is asked for at once. One part of it may stay away and come and go: not again and again. */
let wasLost = false
let renewedAt = 0
connection.subscribe(() => {
  const isLost = connection.get().lostAt !== undefined
  if (wasLost && !isLost && Date.now() - renewedAt > lost) {
    renewedAt = Date.now()
    void queryClient.invalidateQueries()
  }
  wasLost = isLost
})

/** The keys under which answers are kept: the address of what was asked for, so that a change can drop all that it may have touched. */
export const keys = {
  me: ['me'] as const,
  config: ['config'] as const,
  home: ['home'] as const,
  jobTypes: ['job-types'] as const,
  schedules: ['schedules'] as const,
  schedule: (id: number) => ['schedules', id] as const,
  runs: ['runs'] as const,
  run: (id: number) => ['runs', id] as const,
  data: ['data'] as const,
  credentials: ['credentials'] as const,
  system: ['system'] as const,
}

export const useMe = (): UseQueryResult<Schemas['Account']> =>
  useQuery({ queryKey: keys.me, queryFn: ({ signal }) => answer(http.GET('/api/auth/me', { signal })) })

// One function for all renderings, so that the sorted list keeps its identity.
const inOrder = (types: Schemas['JobTypeInfo'][]) => inTypeOrder(types, (each) => each.type)

export const useJobTypes = (): UseQueryResult<Schemas['JobTypeInfo'][]> =>
  useQuery({
    queryKey: keys.jobTypes,
    queryFn: ({ signal }) => answer(http.GET('/api/job-types', { signal })),
    select: inOrder,
    refetchInterval: false,
    staleTime: Infinity,
  })
