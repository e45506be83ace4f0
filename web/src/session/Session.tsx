import { useMutation } from '@tanstack/react-query'
import { createContext, use, useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { answer, http, type Schemas } from '../api/client'
import { keys, queryClient, useMe } from '../api/queries'
import { token } from '../api/token'
import { viewerZone } from '../time/viewer'
import { claimsOf } from './claims'
import { usePreferences, watchVisits } from './preferences'
import { keepRenewing } from './refresh'

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
  const { data: preferences } = usePreferences()
  useEffect(() => viewerZone.choose(preferences?.timezone ?? null), [preferences])
  useEffect(keepRenewing, [])
  useEffect(watchVisits, [])
  useOthersLeave()
  return <SessionContext value={me.data}>{children}</SessionContext>
}

/** Somebody else may sign in in another tab: what this one shows of the user before must go. */
function useOthersLeave() {
  const user = useSyncExternalStore(token.subscribe, () => claimsOf(token.read())?.sub)
  const before = useRef(user)
  useEffect(() => {
    if (user && before.current && user !== before.current) void queryClient.resetQueries()
    before.current = user
  }, [user])
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
  viewerZone.choose(null)
}
