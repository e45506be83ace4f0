import { Anchor, Skeleton, Stack, Text } from '@mantine/core'
import { Link, useParams } from 'react-router'
import { isNotFound } from '../../api/errors'
import { useJobTypes } from '../../api/queries'
import { scheduleName } from '../../components/counts'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { sayWord } from '../../outcomes'
import { paths } from '../../paths'
import { useNow } from '../../time/now'
import { inClock } from '../../time/zone'
import { useProgress } from '../run/queries'
import { Actions } from './Actions'
import { Facts, StatusBadge } from './Facts'
import { Heatmap } from './Heatmap'
import { History } from './History'
import { LiveRun } from './LiveRun'
import { Notices } from './Notices'
import { usePreview, useSchedule, type Schedule as Row } from './queries'
import { Settings } from './Settings'
import { Timeline } from './Timeline'

const above = [{ label: 'Schedules', to: paths.schedules() }]

/** One schedule: whether its data is fresh, what ran, what comes, and what can be done. */
export function Schedule() {
  const id = Number(useParams().id)
  // Another schedule at the same address pattern begins with nothing of this one's.
  return Number.isSafeInteger(id) && id > 0 ? <Known key={id} id={id} /> : <Missing />
}

function Known({ id }: { id: number }) {
  const schedule = useSchedule(id)
  if (schedule.isError && isNotFound(schedule.error)) return <Missing />
  if (schedule.data) return <Shown schedule={schedule.data} />
  return (
    <Page title="Schedule" above={above}>
      <Loaded query={schedule} title="The schedule could not be loaded">
        {() => null}
      </Loaded>
    </Page>
  )
}

function Missing() {
  return (
    <Page title="No such schedule" above={above}>
      <Empty
        title="There is no schedule at this address"
        action={
          <Anchor component={Link} to={paths.schedules()}>
            See all schedules
          </Anchor>
        }
      >
        It may have been deleted. Its past runs are still among the runs.
      </Empty>
    </Page>
  )
}

function Shown({ schedule }: { schedule: Row }) {
  const now = useNow()
  const types = useJobTypes()
  const preview = usePreview(schedule.id)
  // Near a slot a run may begin at any moment; that should be seen when it happens.
  const wait = schedule.next_run ? Date.parse(schedule.next_run) - now.getTime() : Infinity
  const progress = useProgress(schedule.id, wait < 12_000)
  const going = progress.data?.status === 'in_progress'
  const type = types.data?.find((each) => each.type === schedule.schedule_type)?.title ?? sayWord(schedule.schedule_type)
  return (
    <Page title={scheduleName(schedule)} above={above} mark={<StatusBadge schedule={schedule} />}>
      <Stack gap="sm">
        {/* The room of the sentence is kept while it is on its way. */}
        <Text mih={{ base: '4.65em', sm: '3.1em', lg: '1.55em' }}>
          <Text span inherit fw={600}>
            {type}
          </Text>
          {' · '}
          {preview.data && inClock(preview.data.sentence)}
          {preview.isPending && <Skeleton component="span" display="inline-block" h={14} w={240} />}
        </Text>
        <Actions schedule={schedule} going={going} />
      </Stack>
      <Notices schedule={schedule} />
      {going && progress.data && <LiveRun progress={progress.data} />}
      <Facts schedule={schedule} />
      <Timeline schedule={schedule} />
      <History schedule={schedule} />
      <Heatmap id={schedule.id} />
      <Settings schedule={schedule} preview={preview.data} />
    </Page>
  )
}
