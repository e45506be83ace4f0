import { Button, Group, Text } from '@mantine/core'
import { useDeferredValue, useMemo } from 'react'
import { CsvButton } from '../../components/CsvButton'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import type { Column } from '../../csv'
import { count } from '../../outcomes'
import { DataPage } from './DataPage'
import { Freshness } from './Freshness'
import { OrderCards } from './OrderCards'
import { OrderFilters } from './OrderFilters'
import { OrderTable } from './OrderTable'
import { linesOf, readView, shownOrders } from './orders'
import { useConfig, useOrders } from './queries'
import { useToday } from './useToday'
import { useUrl, useWide } from './useView'
import { dateOf, statusWord, type Order } from './words'

const columns: Column<Order>[] = [
  { name: 'Visit date', of: (o) => dateOf(o.scheduled_date) },
  { name: 'Due date', of: (o) => dateOf(o.due_date) },
  { name: 'Order', of: (o) => o.external_id },
  { name: 'Visit', of: (o) => o.visit_number },
  { name: 'Store', of: (o) => o.store_number },
  { name: 'Site', of: (o) => o.site_name },
  { name: 'Customer', of: (o) => o.customer_name },
  { name: 'Street', of: (o) => o.street },
  { name: 'City', of: (o) => o.city_state },
  { name: 'County', of: (o) => o.county },
  { name: 'Service code', of: (o) => o.service_code },
  { name: 'Service', of: (o) => o.service_name },
  { name: 'Description', of: (o) => o.service_description },
  { name: 'Quantity', of: (o) => o.service_quantity },
  { name: 'Dispensers', of: (o) => o.dispensers.length },
  { name: 'Status', of: (o) => statusWord(o.status) },
  { name: 'WorkFossa status', of: (o) => o.portal_status },
  { name: 'Instructions', of: (o) => o.instructions },
  { name: 'Project', of: (o) => o.project },
  { name: 'Visit link', of: (o) => o.visit_url },
  { name: 'No longer listed since', of: (o) => o.removed_at },
]

export function WorkOrders() {
  const { params, set, clear } = useUrl()
  const view = readView(params)
  const query = useOrders(view.removed)
  const today = useToday()
  const wide = useWide()
  const base = useConfig().data?.portal_url
  const all = useDeferredValue(query.data)
  const sought = params.toString()
  const shown = useMemo(() => shownOrders(all ?? [], readView(new URLSearchParams(sought))), [all, sought])
  const lines = useMemo(() => linesOf(shown, view.days), [shown, view.days])
  return (
    <DataPage
      part="work-orders"
      title="Work orders"
      actions={<CsvButton name="work-orders" date={today} columns={columns} rows={shown} things="work orders" />}
    >
      <Freshness type="work_orders" action="Read work orders now" />
      <Loaded query={query} title="Your work orders could not be loaded">
        {(orders) =>
          orders.length === 0 && !view.removed ? (
            <Empty title="No work orders yet">
              When a run has read your list at WorkFossa, your orders are here. Start one with the button above; an account
              without open orders stays empty.
            </Empty>
          ) : (
            <>
              <OrderFilters view={view} orders={orders} wide={wide} set={set} clear={clear} />
              <Group justify="space-between">
                <Text size="sm" c="dimmed" role="status">
                  {shown.length === orders.length
                    ? count(orders.length, 'work order')
                    : `${shown.length.toLocaleString()} of ${count(orders.length, 'work order')}`}
                </Text>
              </Group>
              {shown.length === 0 ? (
                <Empty
                  title="No work order fits"
                  action={
                    <Button variant="default" onClick={clear}>
                      Clear search and filters
                    </Button>
                  }
                >
                  None of your {count(orders.length, 'work order')} fits what is searched for.
                </Empty>
              ) : wide ? (
                <OrderTable
                  lines={lines}
                  orders={shown.length}
                  days={view.days}
                  today={today}
                  base={base}
                  sort={view.sort}
                  onSort={(sort) => set('sort', sort === 'date' ? '' : sort)}
                />
              ) : (
                <OrderCards lines={lines} orders={shown.length} days={view.days} today={today} base={base} />
              )}
            </>
          )
        }
      </Loaded>
    </DataPage>
  )
}
