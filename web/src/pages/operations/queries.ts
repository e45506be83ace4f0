// What the operations page asks of the server; for administrators.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { keys, live } from '../../api/queries'

export type Overview = Schemas['Overview']
export type SystemSchedule = Schemas['SystemSchedule']
export type UserSchedule = Schemas['UserSchedule']

/** Every ten seconds: it asks Temporal, and an operator watches it. */
const watching = 10_000

export const useOverview = () =>
  useQuery({
    queryKey: [...keys.system, 'overview'],
    queryFn: ({ signal }) => answer(http.GET('/api/system/overview', { signal })),
    refetchInterval: watching,
  })

export const useSystemSchedules = () =>
  useQuery({
    queryKey: [...keys.system, 'schedules'],
    queryFn: ({ signal }) => answer(http.GET('/api/system/schedules', { signal })),
    refetchInterval: (query) => (query.state.data?.some((schedule) => schedule.running) ? live : watching),
  })

export const useBreaker = () =>
  useQuery({
    queryKey: [...keys.system, 'breaker'],
    queryFn: ({ signal }) => answer(http.GET('/api/system/breaker', { signal })),
    refetchInterval: watching,
  })

export function useCloseBreaker() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => answer(http.POST('/api/system/breaker/close')),
    onSuccess: (breaker) => client.setQueryData([...keys.system, 'breaker'], breaker),
    onSettled: () => client.invalidateQueries({ queryKey: keys.system }),
  })
}

/** What can be done to a system schedule. The answer is the schedule as it is then. */
export type Act = { do: 'pause'; reason: string } | { do: 'resume' } | { do: 'run' }

export function useAct(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn(act: Act) {
      const params = { path: { id } }
      if (act.do === 'pause')
        return answer(http.POST('/api/system/schedules/{id}/pause', { params, body: act.reason ? { reason: act.reason } : {} }))
      if (act.do === 'resume') return answer(http.POST('/api/system/schedules/{id}/resume', { params }))
      return answer(http.POST('/api/system/schedules/{id}/run', { params }))
    },
    onSuccess: (schedule) =>
      client.setQueryData<SystemSchedule[]>([...keys.system, 'schedules'], (all) =>
        all?.map((each) => (each.id === schedule.id ? schedule : each)),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.system }),
  })
}

export const userStates = ['active', 'paused', 'failed', 'held', 'overdue'] as const
export type UserState = (typeof userStates)[number]

export interface UserFilter {
  q: string
  status?: UserState
  cursor: string
}

export const useUserSchedules = (filter: UserFilter) =>
  useQuery({
    queryKey: [...keys.system, 'user-schedules', filter],
    queryFn: ({ signal }) => {
      const query = { q: filter.q || undefined, status: filter.status, cursor: filter.cursor || undefined, limit: 50 }
      return answer(http.GET('/api/system/user-schedules', { params: { query }, signal }))
    },
    placeholderData: keepPreviousData,
  })
