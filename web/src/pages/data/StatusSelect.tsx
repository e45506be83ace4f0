import { NativeSelect, type NativeSelectProps } from '@mantine/core'
import { sentence } from '../../api/errors'
import { useSetStatus } from './queries'
import { siteLabel, statuses, type Order, type Status } from './words'

interface StatusSelectProps extends NativeSelectProps {
  order: Pick<Order, 'id' | 'status' | 'site_name' | 'store_number'>
}

/** Our status of an order, changed on the spot. The browser's own list: it works with every keyboard and thumb, a thousand times. */
export function StatusSelect({ order, ...select }: StatusSelectProps) {
  const change = useSetStatus(order.id, order.status)
  return (
    <NativeSelect
      aria-label={`Status of ${siteLabel(order.site_name, order.store_number)}`}
      data={statuses}
      value={order.status}
      onChange={(event) => change.mutate(event.currentTarget.value as Status)}
      error={change.isError ? sentence(change.error) : undefined}
      {...select}
    />
  )
}
