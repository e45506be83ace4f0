import { Anchor, Breadcrumbs, Group, Stack, Title } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { Link, useNavigationType } from 'react-router'

interface PageProps {
  title: string
  /** The pages above this one. */
  above?: { label: string; to: string }[]
  /** Buttons beside the title. */
  actions?: ReactNode
  /** Beside the title: a badge. */
  mark?: ReactNode
  children: ReactNode
}

/** The frame of every page: its name as heading and window title, what is above it, its actions. */
export function Page({ title, above = [], actions, mark, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const arrived = useNavigationType()
  // Who follows a link by keyboard or screen reader starts at the new page's heading, and everybody at its top; a first load and Back
  // leave both alone.
  useEffect(() => {
    if (arrived !== 'PUSH') return
    window.scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the page appears
  }, [])
  return (
    <Stack gap="lg">
      <title>{`${title} · FossaWork`}</title>
      <Stack gap={6}>
        {above.length > 0 && (
          <Breadcrumbs
            component="nav"
            aria-label="Above this page"
            fz="sm"
            styles={{ root: { flexWrap: 'wrap' }, breadcrumb: { whiteSpace: 'normal', overflowWrap: 'anywhere', minWidth: 0 } }}
          >
            {above.map((page) => (
              <Anchor key={page.to} component={Link} to={page.to} fz="sm">
                {page.label}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" gap="sm" wrap="wrap">
          <Group gap="sm" style={{ minWidth: 0 }}>
            <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ overflowWrap: 'anywhere', outline: 'none' }}>
              {title}
            </Title>
            {mark}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </Stack>
      {children}
    </Stack>
  )
}
