import { Alert, Anchor, Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconArchive, IconExternalLink } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { isNotFound } from '../../api/errors'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { Changes } from './Changes'
import { DispenserTable } from './DispenserTable'
import { OrderFacts } from './OrderFacts'
import { locationOf, portalLink } from './portal'
import { useConfig, useJob, useOrder, useOrderChanges } from './queries'
import { ReadNow } from './ReadNow'
import { StatusSelect } from './StatusSelect'
import { useToday } from './useToday'
import { siteLabel } from './words'

const above = [{ label: 'Work orders', to: paths.data('work-orders') }]

export function WorkOrder() {
  const { id = '' } = useParams()
  const query = useOrder(id)
  if (isNotFound(query.error) && !query.data)
    return (
      <Page title="No such work order" above={above}>
        <Empty
          title="This work order is not stored"
          action={
            <Anchor component={Link} to={paths.data('work-orders')}>
              Go to your work orders
            </Anchor>
          }
        >
          It may have been deleted, or it belongs to another account.
        </Empty>
      </Page>
    )
  const order = query.data
  return (
    <Page
      title={order ? siteLabel(order.site_name, order.store_number) : 'Work order'}
      above={above}
      actions={order && <Ways order={order} />}
    >
      <Loaded query={query} title="The work order could not be loaded">
        {(loaded) => <Details order={loaded} />}
      </Loaded>
    </Page>
  )
}

function Ways({ order }: { order: Schemas['WorkOrderDetail'] }) {
  const base = useConfig().data?.portal_url
  const visit = portalLink(order.visit_url, base)
  const site = portalLink(order.customer_url, base)
  const out = { component: 'a', target: '_blank', rel: 'noopener noreferrer' } as const
  return (
    <>
      {visit ? (
        <Button {...out} href={visit} rightSection={<IconExternalLink size={16} aria-hidden />}>
          Open visit
        </Button>
      ) : (
        <Button disabled title="WorkFossa shows no visit for this order">
          No visit to open
        </Button>
      )}
      {site && (
        <Button {...out} href={site} variant="default" rightSection={<IconExternalLink size={16} aria-hidden />}>
          Open site
        </Button>
      )}
    </>
  )
}

function Details({ order }: { order: Schemas['WorkOrderDetail'] }) {
  const { zone } = useJob('work_orders')
  const today = useToday()
  const changes = useOrderChanges(order.id)
  const label = siteLabel(order.site_name, order.store_number)
  return (
    <Stack gap="lg">
      {order.removed_at && (
        <Alert color="gray" icon={<IconArchive aria-hidden />} title="WorkFossa no longer lists this order">
          <Text size="sm">
            Since <Time at={order.removed_at} zone={zone} />. What was known is kept here.
          </Text>
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Paper withBorder p="md">
            <Stack gap="md">
              <Group justify="space-between" align="flex-end">
                <Title order={2} size="h4">
                  Order {order.external_id ?? 'without a number'}
                </Title>
                <StatusSelect order={order} label="Your status" aria-label={undefined} size="sm" w={170} />
              </Group>
              <OrderFacts order={order} today={today} zone={zone} />
            </Stack>
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack gap="lg">
            <Paper withBorder p="md">
              <Stack gap="sm">
                <Title order={2} size="h4">
                  {order.dispensers.length ? count(order.dispensers.length, 'dispenser') : 'Dispensers'}
                </Title>
                {order.dispensers.length > 0 ? (
                  <DispenserTable dispensers={order.dispensers} label={`Dispensers of ${label}`} />
                ) : (
                  <Text size="sm" c="dimmed">
                    None stored for this site. A run may not have been here yet, or WorkFossa shows none.
                  </Text>
                )}
                <ReadNow
                  order={order.id}
                  site={label}
                  zone={zone}
                  watch
                  not={locationOf(order.customer_url) ? undefined : 'WorkFossa does not say which site this order is at.'}
                />
              </Stack>
            </Paper>
            <Paper withBorder p="md">
              <Stack gap="md">
                <Title order={2} size="h4">
                  Changes
                </Title>
                <Loaded query={changes} title="The changes could not be loaded">
                  {(data) => <Changes changes={data.changes} zone={zone} today={today} />}
                </Loaded>
              </Stack>
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  )
}
