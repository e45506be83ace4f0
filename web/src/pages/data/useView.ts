import { useMediaQuery } from '@mantine/hooks'
import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** The address's parameters, with a way to set one; an empty value takes it out. What is filtered is no new page, so Back leaves the list. */
export function useUrl() {
  const [params, setParams] = useSearchParams()
  const set = useCallback(
    (name: string, value: string) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before)
          if (value) next.set(name, value)
          else next.delete(name)
          return next
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  )
  const clear = useCallback(() => setParams({}, { replace: true }), [setParams])
  return { params, set, clear }
}

/** Whether there is room for a table beside the menu. */
export const useWide = () => useMediaQuery('(min-width: 68em)', undefined, { getInitialValueInEffect: false }) ?? false
