import { Button, Checkbox, Group, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import { UrlSearch } from '../../components/UrlSearch'
import { filtersSet, servicesOf, type View } from './orders'
import { statuses, type Order } from './words'

interface OrderFiltersProps {
  view: View
  orders: Order[]
  wide: boolean
  set: (name: string, value: string) => void
  clear: () => void
}

/** Search and filters of the list; on a phone the filters wait behind a button. */
export function OrderFilters({ view, orders, wide, set, clear }: OrderFiltersProps) {
  const active = filtersSet(view)
  const [opened, { toggle }] = useDisclosure(false)
  return (
    <Stack gap="sm">
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <UrlSearch
          label="Search work orders"
          placeholder="Number, store, city, customer"
          value={view.q}
          onSearch={(text) => set('q', text)}
          style={{ flex: 1, minWidth: 0 }}
          maw={wide ? 420 : undefined}
          size={wide ? 'sm' : 'md'}
        />
        {!wide && (
          <Button
            variant="default"
            h={42}
            leftSection={<IconFilter size={16} aria-hidden />}
            aria-expanded={opened}
            aria-controls="order-filters"
            onClick={toggle}
          >
            Filter{active > 0 ? ` (${active})` : ''}
          </Button>
        )}
        {(active > 0 || view.q) && wide && (
          <Button variant="subtle" color="gray" onClick={clear}>
            Clear
          </Button>
        )}
      </Group>
      {(wide || opened) && (
        <div id="order-filters">
          <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" verticalSpacing="xs">
            <NativeSelect
              label="Service"
              value={view.service}
              onChange={(event) => set('service', event.currentTarget.value)}
              data={[{ value: '', label: 'All services' }, ...servicesOf(orders)]}
            />
            <NativeSelect
              label="Status"
              value={view.status}
              onChange={(event) => set('status', event.currentTarget.value)}
              data={[{ value: '', label: 'Any status' }, ...statuses]}
            />
            <TextInput
              label="Visit from"
              type="date"
              value={view.from}
              max={view.to || undefined}
              onChange={(event) => set('from', event.currentTarget.value)}
            />
            <TextInput
              label="Visit to"
              type="date"
              value={view.to}
              min={view.from || undefined}
              onChange={(event) => set('to', event.currentTarget.value)}
            />
            <NativeSelect
              label="Sort by"
              value={view.sort}
              onChange={(event) => set('sort', event.currentTarget.value === 'date' ? '' : event.currentTarget.value)}
              data={[
                { value: 'date', label: 'Visit, soonest first' },
                { value: '-date', label: 'Visit, latest first' },
                { value: 'site', label: 'Site, A to Z' },
                { value: '-site', label: 'Site, Z to A' },
              ]}
            />
          </SimpleGrid>
          <Group mt="sm" gap="lg">
            <Checkbox
              label="Group by day"
              checked={view.days}
              disabled={!view.sort.endsWith('date')}
              description={view.sort.endsWith('date') ? undefined : 'When sorted by visit'}
              onChange={(event) => set('days', event.currentTarget.checked ? '' : '0')}
            />
            <Checkbox
              label="Also orders no longer listed"
              checked={view.removed}
              onChange={(event) => set('removed', event.currentTarget.checked ? '1' : '')}
            />
            {!wide && (active > 0 || view.q) && (
              <Button variant="subtle" color="gray" onClick={clear}>
                Clear all
              </Button>
            )}
          </Group>
        </div>
      )}
    </Stack>
  )
}
