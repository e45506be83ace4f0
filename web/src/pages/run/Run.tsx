import { Anchor, Stack } from '@mantine/core'
import { Link, useParams } from 'react-router'
import { isNotFound } from '../../api/errors'
import { useJobTypes } from '../../api/queries'
import { scheduleName } from '../../components/counts'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { OutcomeBadge } from '../../components/OutcomeBadge'
import { Page } from '../../components/Page'
import { RunProgress } from '../../components/RunProgress'
import { Section } from '../../components/Section'
import { endOf, sayWord } from '../../outcomes'
import { paths } from '../../paths'
import { useNow } from '../../time/now'
import { browserZone, when } from '../../time/zone'
import { Actions } from './Actions'
import { Attempts } from './Attempts'
import { Changes } from './Changes'
import { Facts } from './Facts'
import { Held } from './Held'
import { useErrorLog, useEvidence, useProgress, useRun, useScheduleOf, useSteps, type Run as Row } from './queries'
import { Sites } from './Sites'
import { Steps, Trouble } from './Steps'
import { Verdict } from './Verdict'

const above = [{ label: 'Runs', to: paths.runs() }]

/** One run: how it ended, since when, what one can do; and everything that is known of it. */
export function Run() {
  const id = Number(useParams().id)
  return Number.isSafeInteger(id) && id > 0 ? <Known key={id} id={id} /> : <Missing />
}

function Known({ id }: { id: number }) {
  const run = useRun(id)
  const schedule = useScheduleOf(run.data?.schedule_id)
  if (run.isError && isNotFound(run.error)) return <Missing />
  // The title names a time in the schedule's zone; until that is known nothing is said.
  const known = run.data?.schedule_id === null || schedule.isSuccess || schedule.isError
  const gone = schedule.isError && isNotFound(schedule.error)
  if (run.data && known) return <Shown run={run.data} schedule={gone ? undefined : schedule.data} gone={gone} />
  return (
    <Page title="Run" above={above}>
      <Loaded query={run} title="The run could not be loaded">
        {() => null}
      </Loaded>
    </Page>
  )
}

function Missing() {
  return (
    <Page title="No such run" above={above}>
      <Empty
        title="There is no run at this address"
        action={
          <Anchor component={Link} to={paths.runs()}>
            See all runs
          </Anchor>
        }
      >
        It was deleted from the history, or dropped after its time. A run that was started a moment ago appears here by itself.
      </Empty>
    </Page>
  )
}

function Shown({ run, schedule, gone }: { run: Row; schedule: ReturnType<typeof useScheduleOf>['data']; gone: boolean }) {
  const now = useNow()
  const types = useJobTypes()
  const zone = schedule?.timezone ?? browserZone
  const going = run.completed_at === null
  const troubled = !going && run.outcome !== 'success'
  const progress = useProgress(run.schedule_id, going, going)
  const log = useErrorLog(run)
  const evidence = useEvidence(run.id, troubled)
  const steps = useSteps(run.id, going)
  const titles = new Map(steps.data?.steps.map((step) => [step.name, step.title]))
  const type = types.data?.find((each) => each.type === run.schedule_type)?.title ?? sayWord(run.schedule_type)
  return (
    <Page
      title={`${type}, ${when(new Date(run.started_at), zone, now)}`}
      above={schedule ? [...above, { label: scheduleName(schedule), to: paths.schedule(schedule.id) }] : above}
      mark={<OutcomeBadge outcome={endOf(run)} size="lg" />}
    >
      {going && progress.data?.run_id === run.id && (
        <Section id="progress" title="Running now">
          <RunProgress progress={progress.data} />
          <Trouble steps={steps.data?.steps ?? []} zone={zone} />
        </Section>
      )}
      <Stack gap="sm">
        <Verdict run={run} zone={zone} />
        <Held run={run} log={log.data} />
        <Actions run={run} schedule={schedule} />
      </Stack>
      <Section id="facts" title="About this run">
        <Facts run={run} schedule={schedule} gone={gone} zone={zone} />
      </Section>
      {troubled && <Attempts run={run} log={log} evidence={evidence} titles={titles} zone={zone} />}
      <Steps run={run} zone={zone} />
      <Sites run={run} />
      <Changes run={run} />
    </Page>
  )
}
