import { Anchor, Badge, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconClock, IconLoader2, IconMinus, IconX, type TablerIcon } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import { Loaded } from '../../components/Loaded'
import { Section } from '../../components/Section'
import { Time } from '../../components/Time'
import { useAccount } from '../../session/Session'
import { useNow } from '../../time/now'
import { clock, duration } from '../../time/zone'
import { useSteps, type Run } from './queries'
import classes from './Steps.module.css'

type Step = Schemas['RunStep']

const states: Record<Step['state'], [string, string, TablerIcon]> = {
  waiting: ['Waiting', 'gray', IconClock],
  running: ['Running', 'blue', IconLoader2],
  completed: ['Done', 'teal', IconCheck],
  failed: ['Failed', 'red', IconX],
  cancelled: ['Cancelled', 'gray', IconMinus],
}

/** What the run did, step by step, each with the time that it took within the whole. */
export function Steps({ run, zone }: { run: Run; zone: string }) {
  const steps = useSteps(run.id, run.completed_at === null)
  const admin = useAccount()?.role === 'admin'
  return (
    <Section id="steps" title="Steps">
      <Loaded query={steps} title="The steps could not be loaded">
        {(data) => (
          <Stack gap="sm">
            {data.message && (
              <Text size="sm" c="dimmed">
                {data.message}
              </Text>
            )}
            {data.steps.length === 0 && !data.message && (
              <Text size="sm" c="dimmed">
                No steps are known of this run.
              </Text>
            )}
            {data.steps.length > 0 && <List steps={data.steps} run={run} zone={zone} />}
            {admin && data.temporal_url && (
              <Anchor href={data.temporal_url} target="_blank" rel="noreferrer" size="sm">
                Open this run in the Temporal UI
              </Anchor>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

function List({ steps, run, zone }: { steps: Step[]; run: Run; zone: string }) {
  const now = useNow()
  const begin = Math.min(Date.parse(run.started_at), ...steps.map((step) => Date.parse(step.scheduled_at)))
  const end = run.completed_at
    ? Math.max(Date.parse(run.completed_at), ...steps.map((step) => Date.parse(step.ended_at ?? step.scheduled_at)))
    : now.getTime()
  const whole = Math.max(end - begin, 1)
  return (
    <ol className={classes.list}>
      {steps.map((step, i) => {
        const from = Date.parse(step.scheduled_at)
        const to = step.ended_at ? Date.parse(step.ended_at) : Math.max(end, from)
        return (
          <li key={`${step.name}${step.scheduled_at}${i}`} className={classes.step}>
            <StepLine step={step} zone={zone} />
            <div className={classes.track} aria-hidden>
              <span
                className={classes.bar}
                data-state={step.state}
                style={{ left: `${((from - begin) / whole) * 100}%`, width: `max(3px, ${((to - from) / whole) * 100}%)` }}
              />
            </div>
          </li>
        )
      })}
    </ol>
  )
}

function StepLine({ step, zone }: { step: Step; zone: string }) {
  const [label, colour, Icon] = states[step.state]
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Badge
            variant="light"
            color={colour}
            tt="none"
            leftSection={<Icon size={13} aria-hidden className={step.state === 'running' ? 'turning' : undefined} />}
          >
            {label}
          </Badge>
          <Text size="sm" fw={600}>
            {step.title}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {clock(new Date(step.scheduled_at), zone, true)}
          {step.seconds !== null && ` · ${duration(step.seconds)}`}
          {step.attempts > 1 && ` · ${step.ended_at ? `${step.attempts} attempts` : `attempt ${step.attempts}`}`}
        </Text>
      </Group>
      {step.failure && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {step.state === 'completed' ? 'An attempt before failed: ' : ''}
          {step.failure}
        </Text>
      )}
      {step.retry_at && (
        <Text size="sm" c="dimmed">
          Tried again <Time at={step.retry_at} zone={zone} seconds bare relative />
        </Text>
      )}
    </Stack>
  )
}

/** Why a run that is going does not get on, and when it tries again. */
export function Trouble({ steps, zone }: { steps: Step[]; zone: string }) {
  const stuck = steps.find((step) => step.failure && !step.ended_at)
  if (!stuck) return null
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      <strong>{stuck.title} has failed so far:</strong> {stuck.failure}{' '}
      {stuck.retry_at ? (
        <>
          It is tried again at <Time at={stuck.retry_at} zone={zone} seconds bare />.
        </>
      ) : (
        `This is attempt ${stuck.attempts}.`
      )}
    </Text>
  )
}
