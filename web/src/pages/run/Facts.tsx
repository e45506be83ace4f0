import { Anchor, SimpleGrid, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { scheduleName } from '../../components/counts'
import { Time } from '../../components/Time'
import { count, triggers } from '../../outcomes'
import { paths } from '../../paths'
import { useAccount } from '../../session/Session'
import { duration } from '../../time/zone'
import type { Run } from './queries'
import { counts } from './words'

interface FactsProps {
  run: Run
  schedule: Schemas['Schedule'] | undefined
  /** The schedule is not there any more; without it may only not be known. */
  gone: boolean
  zone: string
}

/** When, who, how long, how much. */
export function Facts({ run, schedule, gone, zone }: FactsProps) {
  const account = useAccount()
  const late = (Date.parse(run.started_at) - Date.parse(run.nominal_at)) / 1000
  const by = run.requested_by === null ? '' : run.requested_by === account?.id ? ', by you' : ', by another user'
  const options = [
    run.options.force && 'reads again what is fresh',
    run.options.any_service && 'reads for every service',
    run.options.work_order_ids.length > 0 && `for ${count(run.options.work_order_ids.length, 'work order')} only`,
  ].filter(Boolean)
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" component="dl" m={0}>
      <Fact name="Schedule">
        {schedule ? (
          <Anchor component={Link} to={paths.schedule(schedule.id)} inherit style={{ overflowWrap: 'anywhere' }}>
            {scheduleName(schedule)}
          </Anchor>
        ) : run.schedule_id === null ? (
          'None'
        ) : gone ? (
          'A schedule that was deleted'
        ) : (
          `Number ${run.schedule_id}`
        )}
      </Fact>
      <Fact name="Started" note={options.join(', ')}>
        {triggers[run.trigger_type]}
        {by}
      </Fact>
      <Fact name="Due">
        <Time at={run.nominal_at} zone={zone} seconds />
      </Fact>
      <Fact name="Began" note={late >= 2 ? `${duration(late)} after it was due` : undefined}>
        <Time at={run.started_at} zone={zone} seconds />
      </Fact>
      <Fact name="Ended">{run.completed_at ? <Time at={run.completed_at} zone={zone} seconds /> : 'Still going'}</Fact>
      {run.duration_seconds !== null && <Fact name="Duration">{duration(run.duration_seconds)}</Fact>}
      {run.completed_at && <Fact name="Read">{counts(run)}</Fact>}
      {run.cancel_requested_by && (
        <Fact name="Cancelled by">
          {run.cancel_requested_by}
          {run.cancel_requested_at && (
            <>
              , <Time at={run.cancel_requested_at} zone={zone} />
            </>
          )}
        </Fact>
      )}
    </SimpleGrid>
  )
}

function Fact({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size="sm" style={{ overflowWrap: 'anywhere' }}>
        {children}
        {note && (
          <Text size="xs" c="dimmed" component="span" display="block">
            {note}
          </Text>
        )}
      </Text>
    </div>
  )
}
