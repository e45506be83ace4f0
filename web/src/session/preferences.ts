import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../api/client'
import { keys, queryClient } from '../api/queries'

const key = [...keys.me, 'preferences'] as const

/** What the user has set for himself. */
export const usePreferences = (): UseQueryResult<Schemas['Preferences']> =>
  useQuery({
    queryKey: key,
    queryFn: ({ signal }) => answer(http.GET('/api/auth/preferences', { signal })),
    refetchInterval: false,
    staleTime: 60_000,
  })

/** Sets the zone in which times are shown; null: the device's. */
export const useSetZone = () =>
  useMutation({
    mutationFn: (timezone: string | null) => answer(http.PATCH('/api/auth/preferences', { body: { timezone } })),
    onSuccess: (kept) => queryClient.setQueryData(key, kept),
  })

/** A new visit begins after so long without one; a reload or a look at another page does not begin one. */
const pause = 15 * 60_000

/** Since when things are new to the user: his visit before this one. null on a first visit. */
export async function beginVisit(now: number): Promise<string | null> {
  const kept = await answer(http.GET('/api/auth/preferences'))
  if (kept.seen_at && now - Date.parse(kept.seen_at) < pause) return kept.previous_seen_at
  return (await answer(http.PATCH('/api/auth/preferences', { body: { seen: true } }))).previous_seen_at
}

export const visitKey = ['visit'] as const

/** A tab that was away for long starts a new visit when it is looked at again. */
export function watchVisits(): () => void {
  let leftAt = 0
  const seen = () => {
    if (document.hidden) leftAt = Date.now()
    else if (leftAt && Date.now() - leftAt > pause) void queryClient.invalidateQueries({ queryKey: visitKey })
  }
  document.addEventListener('visibilitychange', seen)
  return () => document.removeEventListener('visibilitychange', seen)
}

/** The moment since which things are new; asked for once per visit, whatever pages are opened meanwhile. */
export const useVisit = (): UseQueryResult<string | null> =>
  useQuery({
    queryKey: visitKey,
    queryFn: () => beginVisit(Date.now()),
    refetchInterval: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    staleTime: Infinity,
    gcTime: Infinity,
  })
