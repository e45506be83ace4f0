import { Anchor, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { Link, useSearchParams } from 'react-router'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import { useAccount } from '../../session/Session'
import { Breaker } from './Breaker'
import { Outcomes } from './Outcomes'
import { useOverview } from './queries'
import { Queues } from './Queues'
import { Readiness, Tools } from './Readiness'
import { Reconciler } from './Reconciler'
import { ScheduleTotals } from './ScheduleTotals'
import { SystemSchedules } from './SystemSchedules'
import { UserSchedules } from './UserSchedules'

export function Operations() {
  const account = useAccount()
  if (!account)
    return (
      <Page title="Operations">
        <Skeleton h={120} />
      </Page>
    )
  if (account.role !== 'admin')
    return (
      <Page title="Operations">
        <Empty
          title="This page is for administrators"
          action={
            <Anchor component={Link} to={paths.home()}>
              Go to your start page
            </Anchor>
          }
        >
          It shows queues, workers and everybody’s schedules. You are signed in as {account.email}, which is not an administrator.
          Your own schedules and runs are under Schedules and Runs.
        </Empty>
      </Page>
    )
  return <ForAdministrators />
}

function ForAdministrators() {
  const overview = useOverview()
  const [params, setParams] = useSearchParams()
  const set = (values: Record<string, string>, push = false) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        for (const [name, value] of Object.entries(values)) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace: !push, preventScrollReset: true },
    )
  return (
    <Page title="Operations" actions={overview.data && <Tools links={overview.data.links} />}>
      <Stack gap="md">
        <Loaded query={overview} title="The overview could not be loaded">
          {(data) => (
            <>
              <Readiness overview={data} />
              <Breaker />
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
                <Outcomes overview={data} />
                <Stack gap="md">
                  <ScheduleTotals totals={data.schedules} status={params.get('status') ?? ''} />
                  <Reconciler reconcile={data.reconcile} />
                </Stack>
              </SimpleGrid>
              <Queues queues={data.queues} />
            </>
          )}
        </Loaded>
        <SystemSchedules />
        <UserSchedules params={params} set={set} />
      </Stack>
    </Page>
  )
}
