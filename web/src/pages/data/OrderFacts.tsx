import { Anchor, List } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { Time } from '../../components/Time'
import classes from './data.module.css'
import { mapLink } from './portal'
import { dateOf, dayDistance, dayText, serviceLabel } from './words'

interface OrderFactsProps {
  order: Schemas['WorkOrderDetail']
  today: string
  zone?: string
}

/** Everything that is known about an order, what WorkFossa left empty left out. */
export function OrderFacts({ order, today, zone }: OrderFactsProps) {
  const day = (text: string | null) => {
    const date = dateOf(text)
    return date ? `${dayText(date, today, true)} (${dayDistance(date, today).toLowerCase()})` : undefined
  }
  const map = mapLink([order.street, order.city_state])
  const facts: [string, ReactNode][] = [
    ['Visit', day(order.scheduled_date) ?? 'No date'],
    ['Due', day(order.due_date)],
    [
      'Address',
      order.address &&
        (map ? (
          <Anchor href={map} target="_blank" rel="noopener noreferrer" inherit underline="always">
            {order.address}
          </Anchor>
        ) : (
          order.address
        )),
    ],
    ['Cross street', order.intersection],
    ['Customer', order.customer_name],
    ['Service', [serviceLabel(order), order.service_code && `(${order.service_code})`].filter(Boolean).join(' ')],
    ['Description', order.service_description],
    [
      'Items',
      order.service_items.length > 0 && (
        <List size="sm" spacing={2}>
          {order.service_items.map((item, i) => (
            <List.Item key={i}>{item}</List.Item>
          ))}
        </List>
      ),
    ],
    ['Instructions', order.instructions],
    ['Visits', order.visits_planned > 0 && `${order.visits_done} of ${order.visits_planned} done`],
    ['Visit number', order.visit_number],
    ['Project', order.project],
    ['At WorkFossa', order.portal_status],
    ['Created', [day(order.created_date), order.created_by && `by ${order.created_by}`].filter(Boolean).join(' ')],
    ['Notes', order.notes],
    ['First seen', <Time key="first" at={order.created_at} zone={zone} />],
    ['Last changed', <Time key="last" at={order.updated_at} zone={zone} />],
    ['No longer listed', order.removed_at && <Time at={order.removed_at} zone={zone} />],
  ]
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
