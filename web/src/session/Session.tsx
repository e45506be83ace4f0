import { useMutation } from '@tanstack/react-query'
import { createContext, use, useSyncExternalStore, type ReactNode } from 'react'
import { answer, http, type Schemas } from '../api/client'
import { keys, queryClient, useMe } from '../api/queries'
import { token } from '../api/token'

type Account = Schemas['Account']

const SessionContext = createContext<Account | undefined>(undefined)

/** Who is signed in; undefined only while the server has not yet said so. */
export const useAccount = () => use(SessionContext)

/** Whether somebody is signed in, and whether the server has stopped taking their token. */
export function useSessionState(): { signedIn: boolean; ended: boolean } {
  const signedIn = useSyncExternalStore(token.subscribe, () => token.read() !== null)
  const ended = useSyncExternalStore(token.subscribe, token.hasEnded)
  return { signedIn, ended }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const me = useMe()
  return <SessionContext value={me.data}>{children}</SessionContext>
}

/** Signs in; the server tries the login at the portal, which may take some seconds. */
export const useSignIn = () =>
  useMutation({
    mutationFn: (login: Schemas['LoginInputBody']) => answer(http.POST('/api/auth/login', { body: login })),
    onSuccess(signed) {
      const before = queryClient.getQueryData<Account>(keys.me)
      // Somebody else's data must not stay on screen.
      if (before && before.id !== signed.user_id) queryClient.clear()
      token.keep(signed.access_token)
      void queryClient.invalidateQueries()
    },
  })

/** Signs out here; the server is told when it can be reached. */
export function signOut() {
  void http.POST('/api/auth/logout').catch(() => undefined)
  token.forget()
  queryClient.clear()
}
