import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorNote } from './ErrorNote'

interface LoadedProps<T> {
  query: UseQueryResult<T>
  /** What to show until the first answer; grey bars when left out. */
  skeleton?: ReactNode
  title?: string
  children: (data: T) => ReactNode
}

/** Shows data as soon as there is any and keeps it on screen whatever later requests say; the banner tells how old it is. */
export function Loaded<T>({ query, skeleton, title, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError)
    return <ErrorNote error={query.error} title={title ?? 'This could not be loaded'} retry={() => void query.refetch()} />
  return (
    <div role="status" aria-busy="true">
      <VisuallyHidden>Loading</VisuallyHidden>
      {skeleton ?? (
        <Stack gap="sm">
          <Skeleton h={28} w="40%" />
          <Skeleton h={18} />
          <Skeleton h={18} w="85%" />
          <Skeleton h={18} w="60%" />
        </Stack>
      )}
    </div>
  )
}
