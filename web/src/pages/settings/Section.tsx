import { Card, Stack, Title } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { useLocation } from 'react-router'

/** A part of the settings. A link with its id in the hash leads straight to it. */
export function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  const { hash } = useLocation()
  const heading = useRef<HTMLHeadingElement>(null)
  const wanted = hash === `#${id}`
  useEffect(() => {
    if (!wanted) return
    // After the page's own heading, which takes the focus of who arrives by a link.
    const frame = requestAnimationFrame(() => {
      heading.current?.scrollIntoView({ block: 'center' })
      heading.current?.focus({ preventScroll: true })
    })
    return () => cancelAnimationFrame(frame)
  }, [wanted])
  return (
    <Card component="section" withBorder padding="md" aria-labelledby={id}>
      <Stack gap="md">
        <Title order={2} size="h4" id={id} ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
          {title}
        </Title>
        {children}
      </Stack>
    </Card>
  )
}
