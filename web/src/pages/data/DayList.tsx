import { Anchor, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { Link } from 'react-router'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import classes from './data.module.css'
import type { Day, Detail } from './needs'
import { partLine } from './PartTotals'
import { dayDistance, dayText, siteLabel } from './words'

interface DayListProps {
  days: Day[]
  today: string
  /** Our id of an order by WorkFossa's number. */
  ids: ReadonlyMap<string, string>
}

/** Day by day, what to bring where. */
export function DayList({ days, today, ids }: DayListProps) {
  return (
    <Stack gap="md">
      {days.map((day) => (
        <Paper key={day.date ?? 'none'} withBorder className={classes.together}>
          <Stack gap={2} px="md" py="sm">
            <Title order={3} size="h5">
              {day.date ? dayText(day.date, today, true) : 'No date'}{' '}
              <Text span size="sm" c="dimmed" fw={400}>
                {day.date && `${dayDistance(day.date, today)} · `}
                {count(day.details.length, 'order')}
              </Text>
            </Title>
            <Text size="sm" fw={600}>
              {day.totals.parts.length ? partLine(day.totals.parts) : 'No filters to bring'}
            </Text>
          </Stack>
          <Table
            verticalSpacing={6}
            horizontalSpacing="md"
            layout="fixed"
            aria-label={day.date ? dayText(day.date, today) : 'No date'}
          >
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Site</Table.Th>
                <Table.Th scope="col" w="45%">
                  Bring
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {day.details.map((detail) => (
                <Row key={detail.jobId} detail={detail} id={ids.get(detail.jobId)} />
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
      ))}
    </Stack>
  )
}

function Row({ detail, id }: { detail: Detail; id: string | undefined }) {
  const label = siteLabel(detail.storeName, detail.storeNumber)
  const parts = Object.entries(detail.filters).map(([part, { quantity, isEdited }]) => ({ part, quantity, isEdited }))
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} className={classes.anywhere}>
        {id ? (
          <Anchor component={Link} to={paths.workOrder(id)} size="sm" fw={600}>
            {label}
          </Anchor>
        ) : (
          <Text size="sm" fw={600}>
            {label}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          Order {detail.jobId || 'without a number'} · {detail.serviceName || detail.serviceCode}
        </Text>
      </Table.Th>
      <Table.Td className={classes.anywhere}>
        {parts.length > 0 ? (
          <>
            {partLine(parts)}
            {parts.some((part) => part.isEdited) && (
              <Text size="xs" c="dimmed">
                Set by hand
              </Text>
            )}
          </>
        ) : (
          <Text size="sm" c="dimmed">
            {detail.requiresFilters && detail.dispenserCount === 0 ? 'Not counted: dispensers not read' : 'None'}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
