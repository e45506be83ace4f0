import { Card, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** One part of the editor. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title} padding="md" style={{ overflow: 'visible' }}>
      <Stack gap="md">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Card>
  )
}
