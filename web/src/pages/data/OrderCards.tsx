import { Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { memo, useState } from 'react'
import { Link } from 'react-router'
import { useWindowRows } from '../../components/useWindowRows'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import classes from './data.module.css'
import { OrderLinks } from './OrderLinks'
import { GoneBadge, type ListProps } from './OrderTable'
import { mapLink } from './portal'
import { StatusSelect } from './StatusSelect'
import { dateOf, dayDistance, dayText, serviceLabel, siteLabel, type Order } from './words'

/** The list on a phone: what is needed in the truck. */
export function OrderCards({ lines, days, today, base }: ListProps) {
  const { list, items, measure, before, after } = useWindowRows(lines.length, 240, (i) => lines[i]?.key ?? String(i))
  return (
    <div ref={list} role="list" aria-label="Work orders">
      <div style={{ height: before }} />
      {items.map(({ index }) => {
        const line = lines[index]
        if (!line) return null
        return (
          <div key={line.key} data-index={index} ref={measure} role="listitem" style={{ paddingBottom: 10 }}>
            {line.kind === 'day' ? (
              <Group gap="xs" align="baseline" pt={8} style={{ rowGap: 0 }}>
                <Title order={2} size="h5">
                  {line.date ? dayText(line.date, today, true) : 'No date'}
                </Title>
                <Text size="sm" c="dimmed">
                  {line.date && `${dayDistance(line.date, today)} · `}
                  {count(line.count, 'order')}
                </Text>
              </Group>
            ) : (
              <OrderCard order={line.order} days={days} today={today} base={base} />
            )}
          </div>
        )
      })}
      <div style={{ height: after }} />
    </div>
  )
}

/** Two lines of the instructions, all of them at a tap. */
function Instructions({ text }: { text: string }) {
  const [all, setAll] = useState(false)
  const long = text.length > 90
  return (
    <div>
      <Text size="sm" lineClamp={long && !all ? 2 : undefined} className={classes.anywhere}>
        {text}
      </Text>
      {long && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          underline="always"
          py={8}
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? 'Show less' : 'Show all instructions'}
        </Anchor>
      )}
    </div>
  )
}

interface OrderCardProps {
  order: Order
  days: boolean
  today: string
  base: string | undefined
}

/** Kept as it is while the list scrolls. */
const OrderCard = memo(function OrderCard({ order, days, today, base }: OrderCardProps) {
  const date = dateOf(order.scheduled_date)
  const map = mapLink([order.street, order.city_state])
  const place = [order.street, order.city_state].filter(Boolean).join(', ')
  return (
    <Paper withBorder p="sm">
      <Stack gap={6}>
        {!days && (
          <Text size="sm" fw={600}>
            {date ? `${dayText(date, today)} · ${dayDistance(date, today)}` : 'No date'}
          </Text>
        )}
        <Anchor component={Link} to={paths.workOrder(order.id)} fw={650} className={classes.anywhere}>
          {siteLabel(order.site_name, order.store_number)}
        </Anchor>
        {order.removed_at && <GoneBadge />}
        {place && map ? (
          <Anchor href={map} target="_blank" rel="noopener noreferrer" size="sm" className={classes.anywhere} underline="always">
            {place}
          </Anchor>
        ) : (
          <Text size="sm" c="dimmed">
            No address
          </Text>
        )}
        <Text size="sm">
          {serviceLabel(order)}
          <Text span inherit c="dimmed">
            {order.service_code && ` · ${order.service_code}`} · order {order.external_id ?? 'without a number'} ·{' '}
            {order.dispensers.length ? count(order.dispensers.length, 'dispenser') : 'no dispensers read'}
          </Text>
        </Text>
        {order.instructions && <Instructions text={order.instructions} />}
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <StatusSelect order={order} size="md" w={160} />
          <OrderLinks order={order} base={base} size={42} />
        </Group>
      </Stack>
    </Paper>
  )
})
