import { Group, Paper, Stack, Title } from '@mantine/core'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useLocation } from 'react-router'

interface SectionProps {
  /** Of the heading; unique on the page. A link with it in the hash leads straight here. */
  id?: string
  title: string
  /** Beside the heading. */
  side?: ReactNode
  children: ReactNode
}

/** A framed part of a page under a heading. */
export function Section({ id: given, title, side, children }: SectionProps) {
  const { hash } = useLocation()
  const heading = useRef<HTMLHeadingElement>(null)
  const made = useId()
  const id = given ?? made
  const wanted = hash === `#${given}`
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
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby={id} h="100%">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4" id={id} ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
            {title}
          </Title>
          {side}
        </Group>
        {children}
      </Stack>
    </Paper>
  )
}
