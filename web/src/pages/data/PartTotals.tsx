import { Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { count } from '../../outcomes'
import classes from './data.module.css'
import type { Totals } from './needs'

const boxText = (boxes: number | undefined) => (boxes === undefined ? '' : count(boxes, 'box', 'boxes'))

/** What to load into the truck: one tile a part. */
export function PartTotals({ totals, title }: { totals: Totals; title: string }) {
  return (
    <Stack gap="sm" className={classes.together}>
      <Group gap="sm" align="baseline">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed" size="sm">
          {count(totals.filters, 'filter')}
          {totals.boxes !== undefined && ` in ${boxText(totals.boxes)}`}
        </Text>
      </Group>
      {totals.parts.length === 0 ? (
        <Text size="sm">No filters to bring.</Text>
      ) : (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm">
          {totals.parts.map((part) => (
            <Paper key={part.part} withBorder p="sm">
              <Text fw={650} className={classes.anywhere}>
                {part.part}
              </Text>
              <Text size="xs" c="dimmed" className={classes.anywhere}>
                {part.description}
              </Text>
              <Group gap={8} align="baseline" mt={4}>
                <span className={classes.number}>{part.quantity.toLocaleString()}</span>
                <Text size="sm" c="dimmed">
                  {boxText(part.boxes)}
                </Text>
              </Group>
            </Paper>
          ))}
        </SimpleGrid>
      )}
    </Stack>
  )
}

/** The same in one line, for a day or an order: "12 × 400MB-10, 3 × 40510A-AD". */
export const partLine = (parts: { part: string; quantity: number }[]) =>
  parts.map(({ part, quantity }) => `${quantity} × ${part}`).join(', ')
