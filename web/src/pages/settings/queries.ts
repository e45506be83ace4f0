import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { keys, queryClient } from '../../api/queries'

export const useCredentials = (): UseQueryResult<Schemas['CredentialsInfo']> =>
  useQuery({
    queryKey: keys.credentials,
    queryFn: ({ signal }) => answer(http.GET('/api/v1/credentials/workfossa', { signal })),
  })

/** A login decides whether schedules are held, and so what the pages say of them. */
const loginChanged = () =>
  Promise.all([keys.credentials, keys.home, keys.schedules].map((queryKey) => queryClient.invalidateQueries({ queryKey })))

/** Tries the stored login at the portal. */
export const useTestLogin = () =>
  useMutation({
    mutationFn: () => answer(http.POST('/api/v1/credentials/workfossa/test', {})),
    onSettled: loginChanged,
  })

/** Tries a login at the portal and stores it when it is accepted. */
export const useReplaceLogin = () =>
  useMutation({
    mutationFn: (login: { username: string; password: string }) =>
      answer(http.POST('/api/v1/credentials/workfossa', { body: login })),
    onSettled: loginChanged,
  })

export const useForgetLogin = () =>
  useMutation({
    mutationFn: () => answer(http.DELETE('/api/v1/credentials/workfossa')),
    onSettled: loginChanged,
  })

const sessions = [...keys.me, 'sessions'] as const

export const useSessions = (): UseQueryResult<Schemas['UserSession'][]> =>
  useQuery({ queryKey: sessions, queryFn: ({ signal }) => answer(http.GET('/api/auth/sessions', { signal })) })

export const useEndSession = () =>
  useMutation({
    mutationFn: (id: string) => answer(http.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessions }),
  })

export const useEndOthers = () =>
  useMutation({
    mutationFn: () => answer(http.DELETE('/api/auth/sessions')),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessions }),
  })

export const useConfig = (): UseQueryResult<Schemas['AppConfig']> =>
  useQuery({
    queryKey: keys.config,
    queryFn: ({ signal }) => answer(http.GET('/api/config', { signal })),
    refetchInterval: false,
    staleTime: 300_000,
  })
