import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconPrinter } from '@tabler/icons-react'
import { useMemo, type ReactNode } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { CsvButton } from '../../components/CsvButton'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Time } from '../../components/Time'
import type { Column } from '../../csv'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { DataPage } from './DataPage'
import classes from './data.module.css'
import { DayList } from './DayList'
import { Freshness } from './Freshness'
import { countInput, needOf, readPeriod, type Detail, type Period } from './needs'
import { PartTotals } from './PartTotals'
import { PeriodPicker } from './PeriodPicker'
import { useBoxSizes, useCounted, useJob, useOrders, useStoredFilters } from './queries'
import { useToday } from './useToday'
import { useUrl } from './useView'
import { Warnings } from './Warnings'
import { dateOf, dayText } from './words'

interface Row {
  detail: Detail
  part?: string
}

const columns: Column<Row>[] = [
  { name: 'Visit date', of: ({ detail }) => dateOf(detail.scheduledDate) },
  { name: 'Order', of: ({ detail }) => detail.jobId },
  { name: 'Store', of: ({ detail }) => detail.storeNumber },
  { name: 'Site', of: ({ detail }) => detail.storeName },
  { name: 'Address', of: ({ detail }) => detail.address },
  { name: 'Service', of: ({ detail }) => detail.serviceName },
  { name: 'Dispensers', of: ({ detail }) => detail.dispenserCount },
  { name: 'Part', of: ({ part }) => part },
  { name: 'Description', of: ({ detail, part }) => part && detail.filters[part]?.description },
  { name: 'Quantity', of: ({ detail, part }) => (part ? detail.filters[part]?.quantity : 0) },
  { name: 'Notes', of: ({ detail }) => detail.warnings.map((warning) => warning.message).join('; ') },
]

const title = { 'this-week': 'This week', 'next-week': 'Next week', all: 'All visits', dates: 'Chosen dates' }

function periodTitle(period: Period, today: string): string {
  const bounds = [period.from, period.to].map((date) => date && dayText(date, today))
  if (!period.from && !period.to) return period.name === 'dates' ? 'All visits' : title[period.name]
  if (!period.to) return `From ${bounds[0]}`
  if (!period.from) return `Until ${bounds[1]}`
  const range = `${bounds[0]} to ${bounds[1]}`
  return period.name === 'dates' ? range : `${title[period.name]}, ${range}`
}

/** The newest stored count; where no schedule has counted yet, a count of what is stored now. */
export function Filters() {
  const stored = useStoredFilters()
  const orders = useOrders()
  const input = useMemo(
    () => (stored.data === null && orders.data?.length ? countInput(orders.data) : undefined),
    [stored.data, orders.data],
  )
  const counted = useCounted(input, orders.dataUpdatedAt)
  if (stored.data === null && orders.data?.length)
    return (
      <Frame>
        <Loaded query={counted} title="The filters could not be counted">
          {(result) => <Counted result={result} orders={orders.data} justNow />}
        </Loaded>
      </Frame>
    )
  return (
    <Frame>
      <Loaded query={stored} title="The filters could not be loaded">
        {(result) =>
          result ? (
            <Counted result={result} orders={orders.data ?? []} />
          ) : (
            <Loaded query={orders}>
              {() => (
                <Empty
                  title="Nothing to count yet"
                  action={
                    <Anchor component={Link} to={paths.data('work-orders')}>
                      Go to work orders
                    </Anchor>
                  }
                >
                  Filters are counted from your work orders and the dispensers at their sites. Read those first.
                </Empty>
              )}
            </Loaded>
          )
        }
      </Loaded>
    </Frame>
  )
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <DataPage part="filters" title="Filters to bring">
      <div className={classes.screen}>
        <Freshness type="filters" action="Count again" />
      </div>
      {children}
    </DataPage>
  )
}

const warn = <IconAlertTriangle aria-hidden color="var(--mantine-color-orange-text)" />

interface CountedProps {
  result: Schemas['Result'] & { computed_at?: string }
  orders: Schemas['WorkOrder'][]
  justNow?: boolean
}

function Counted({ result, orders, justNow }: CountedProps) {
  const { zone } = useJob('filters')
  const today = useToday()
  const { params, set } = useUrl()
  const boxSizes = useBoxSizes().data
  const dispensersAt = useJob('dispensers').job?.data_at
  const sought = params.toString()
  const period = useMemo(() => readPeriod(new URLSearchParams(sought), today), [sought, today])
  const need = useMemo(() => needOf(result, period, boxSizes), [result, period, boxSizes])
  const ids = useMemo(
    () => new Map(orders.flatMap((order) => (order.external_id ? [[order.external_id, order.id]] : []))),
    [orders],
  )
  const rows = need.days.flatMap(({ details }) =>
    details.flatMap((detail): Row[] => {
      const parts = Object.keys(detail.filters)
      return parts.length ? parts.map((part) => ({ detail, part })) : [{ detail }]
    }),
  )
  const older = result.computed_at !== undefined && dispensersAt && dispensersAt > result.computed_at
  return (
    <Stack gap="lg">
      <Stack gap="sm" className={classes.screen}>
        <Group justify="space-between" align="flex-end" gap="sm">
          <PeriodPicker period={period} set={set} />
          <Group gap="xs">
            <CsvButton name="filters" date={today} columns={columns} rows={rows} things="lines" />
            <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
              Print
            </Button>
          </Group>
        </Group>
        {justNow && (
          <Text size="sm" c="dimmed">
            Counted just now from your stored work orders. A schedule for filters keeps the count and tells what changes.
          </Text>
        )}
      </Stack>
      {result.computed_at && (
        <Text size="sm" className={classes.printed}>
          As of <Time at={result.computed_at} zone={zone} />
        </Text>
      )}
      {older && (
        <Alert variant="default" icon={warn} className={classes.screen} title="Dispensers were read after this count">
          <Text size="sm">Use “Count again” to take them in.</Text>
        </Alert>
      )}
      {need.uncounted > 0 && (
        <Alert variant="default" icon={warn} title={`${count(need.uncounted, 'order')} not counted`}>
          <Text size="sm">
            No dispensers are known at their sites, so you may need more filters than listed.{' '}
            <Anchor
              component={Link}
              to={`${paths.data('dispensers')}?state=missing`}
              inherit
              underline="always"
              className={classes.screen}
            >
              See which sites
            </Anchor>
          </Text>
        </Alert>
      )}
      {result.details.length === 0 && orders.length > 0 ? (
        <Empty title="Nothing was counted">
          Your work orders came after this count, or none of them needs filters. Use “Count again”.
        </Empty>
      ) : need.jobs === 0 ? (
        <Empty title="No visits in this period">
          {need.undated > 0
            ? `${count(need.undated, 'order')} without a date: choose “All” to see them.`
            : 'Choose another week, or all visits.'}
        </Empty>
      ) : (
        <>
          <PartTotals totals={need.totals} title={periodTitle(period, today)} />
          {need.undated > 0 && (
            <Text size="sm" c="dimmed" className={classes.screen}>
              {count(need.undated, 'order')} without a date left out. Choose “All” to see them.
            </Text>
          )}
          <DayList days={need.days} today={today} ids={ids} />
          <Warnings groups={need.warnings} ids={ids} />
        </>
      )}
    </Stack>
  )
}
