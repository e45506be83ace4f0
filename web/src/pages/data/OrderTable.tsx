import { Anchor, Badge, Table, Text, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react'
import { memo } from 'react'
import { Link } from 'react-router'
import { useWindowRows } from '../../components/useWindowRows'
import { paths } from '../../paths'
import classes from './data.module.css'
import { OrderLinks } from './OrderLinks'
import type { Line, Sort } from './orders'
import { StatusSelect } from './StatusSelect'
import { dateOf, dayDistance, dayText, serviceLabel, siteLabel, type Order } from './words'

export interface ListProps {
  lines: Line[]
  orders: number
  days: boolean
  today: string
  base: string | undefined
}

interface OrderTableProps extends ListProps {
  sort: Sort
  onSort: (sort: Sort) => void
}

/** The list on a wide screen. */
export function OrderTable({ lines, orders, days, today, base, sort, onSort }: OrderTableProps) {
  const { list, items, measure, before, after } = useWindowRows(lines.length, 62, (i) => lines[i]?.key ?? String(i))
  const columns = days ? 7 : 8
  return (
    <div ref={list}>
      <Table highlightOnHover aria-label="Work orders" aria-rowcount={orders + 1} layout="fixed">
        <Table.Thead className={classes.head}>
          <Table.Tr>
            {!days && <SortHead name="Visit" by="date" sort={sort} onSort={onSort} width="11%" />}
            <SortHead name="Site" by="site" sort={sort} onSort={onSort} width={days ? '25%' : '22%'} />
            <Table.Th scope="col">City</Table.Th>
            <Table.Th scope="col" w="15%">
              Service
            </Table.Th>
            <Table.Th scope="col" w={60} ta="right">
              Qty
            </Table.Th>
            <Table.Th scope="col" w={100} ta="right">
              Dispensers
            </Table.Th>
            <Table.Th scope="col" w={150}>
              Status
            </Table.Th>
            <Table.Th scope="col" w={132}>
              Open
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {before > 0 && <Gap height={before} columns={columns} />}
          {items.map(({ index }) => {
            const line = lines[index]
            if (!line) return null
            if (line.kind === 'day')
              return (
                <Table.Tr key={line.key} className={classes.day} data-index={index} ref={measure}>
                  <Table.Th scope="colgroup" colSpan={columns}>
                    {line.date ? dayText(line.date, today, true) : 'No date'}{' '}
                    <Text span size="sm" c="dimmed" fw={400}>
                      {line.date && `${dayDistance(line.date, today)} · `}
                      {line.count === 1 ? '1 order' : `${line.count} orders`}
                    </Text>
                  </Table.Th>
                </Table.Tr>
              )
            return (
              <Table.Tr key={line.key} data-index={index} ref={measure}>
                <OrderCells order={line.order} days={days} today={today} base={base} />
              </Table.Tr>
            )
          })}
          {after > 0 && <Gap height={after} columns={columns} />}
        </Table.Tbody>
      </Table>
    </div>
  )
}

const Gap = ({ height, columns }: { height: number; columns: number }) => (
  <tr aria-hidden style={{ height }}>
    <td colSpan={columns} style={{ padding: 0 }} />
  </tr>
)

interface SortHeadProps {
  name: string
  by: 'date' | 'site'
  sort: Sort
  onSort: (sort: Sort) => void
  width: string
}

function SortHead({ name, by, sort, onSort, width }: SortHeadProps) {
  const here = sort.endsWith(by)
  const down = sort.startsWith('-')
  const Icon = !here ? IconArrowsSort : down ? IconArrowDown : IconArrowUp
  return (
    <Table.Th scope="col" w={width} aria-sort={here ? (down ? 'descending' : 'ascending') : undefined}>
      <UnstyledButton className={classes.sort} onClick={() => onSort(here && !down ? `-${by}` : by)}>
        {name} <Icon size={14} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  )
}

interface OrderCellsProps {
  order: Order
  days: boolean
  today: string
  base: string | undefined
}

/** Kept as it is while the list scrolls. */
const OrderCells = memo(function OrderCells({ order, days, today, base }: OrderCellsProps) {
  const date = dateOf(order.scheduled_date)
  return (
    <>
      {!days && (
        <Table.Td>
          {date ? dayText(date, today) : 'No date'}
          {date && (
            <Text size="xs" c="dimmed">
              {dayDistance(date, today)}
            </Text>
          )}
        </Table.Td>
      )}
      <Table.Th scope="row" fw={400} className={classes.anywhere}>
        <Anchor
          component={Link}
          size="sm"
          to={paths.workOrder(order.id)}
          fw={600}
          className={order.removed_at ? classes.removed : undefined}
        >
          {siteLabel(order.site_name, order.store_number)}
        </Anchor>
        <Text size="xs" c="dimmed">
          Order {order.external_id ?? 'without a number'}
        </Text>
        {order.removed_at && <GoneBadge />}
      </Table.Th>
      <Table.Td className={classes.anywhere}>
        {order.city_state}
        <Text size="xs" c="dimmed">
          {order.street}
        </Text>
      </Table.Td>
      <Table.Td className={classes.anywhere}>
        {serviceLabel(order)}
        <Text size="xs" c="dimmed">
          {order.service_code}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{order.service_quantity}</Table.Td>
      <Table.Td ta="right">
        {order.dispensers.length || (
          <Text span c="dimmed" inherit title="None read">
            none
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <StatusSelect order={order} size="xs" />
      </Table.Td>
      <Table.Td>
        <OrderLinks order={order} base={base} />
      </Table.Td>
    </>
  )
})

export const GoneBadge = () => (
  <Badge variant="light" color="gray" tt="none" size="sm">
    No longer listed
  </Badge>
)
