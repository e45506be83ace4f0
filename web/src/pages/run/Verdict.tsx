import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconAlertTriangle, IconCheck, IconCopy, IconHandStop, IconMinus, IconX } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Time } from '../../components/Time'
import { colours, endOf, word, type Tone } from '../../outcomes'
import { paths } from '../../paths'
import { useGoodRun, type Run } from './queries'
import { adviceFor, counts } from './words'

const icons: Partial<Record<Tone, typeof IconX>> = {
  good: IconCheck,
  part: IconAlertTriangle,
  wait: IconHandStop,
  bad: IconX,
  off: IconMinus,
}

/** What happened, since when, and what one can do: everything that must be understood in ten seconds. */
export function Verdict({ run, zone }: { run: Run; zone: string }) {
  const advice = adviceFor(run)
  const { label, tone } = word(endOf(run))
  const Icon = icons[tone] ?? IconMinus
  if (!advice)
    return run.outcome === null ? null : (
      <Alert
        color={colours.good}
        icon={<IconCheck aria-hidden />}
        title={run.items_processed > 0 ? 'Everything was read and stored' : 'All is well'}
      >
        <Text size="sm">
          {counts(run)}.{run.decision === 'accepted' && ' It looked wrong at first, and a person has accepted it.'}
        </Text>
      </Alert>
    )
  const reference = run.error_details?.reference ?? run.workflow_id
  return (
    <Alert color={colours[tone]} icon={<Icon aria-hidden />} title={label}>
      <Stack gap="xs">
        {run.error_message && (
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {run.error_message}
          </Text>
        )}
        <Text size="sm">{advice.meaning}</Text>
        <Since run={run} zone={zone} />
        <Text size="sm">
          <strong>What you can do:</strong> {run.decision ? `Nothing more: the result was ${run.decision}.` : advice.todo}
        </Text>
        <Group gap="xs">
          {advice.signIn && (
            <Button component={Link} to={paths.settings()}>
              Sign in again in Settings
            </Button>
          )}
          {reference && run.outcome !== 'cancelled' && <Reference text={reference} />}
        </Group>
      </Stack>
    </Alert>
  )
}

/** When it last went well before, and whether it has since. */
function Since({ run, zone }: { run: Run; zone: string }) {
  const troubled = run.outcome !== null && !run.success && run.outcome !== 'cancelled' && run.decision !== 'accepted'
  const before = useGoodRun(run, 'before', troubled)
  const after = useGoodRun(run, 'after', troubled)
  if (!troubled || run.schedule_id === null) return null
  const link = (good: Run, text: string) => (
    <>
      <Anchor component={Link} to={paths.run(good.id)} inherit>
        {text}
      </Anchor>{' '}
      <Time at={good.completed_at ?? good.started_at} zone={zone} />
    </>
  )
  if (after.data)
    return (
      <Text size="sm">
        <strong>It works again:</strong> {link(after.data, 'a later run stored data')}.
      </Text>
    )
  if (before.data)
    return (
      <Text size="sm">
        <strong>No good run since:</strong> {link(before.data, 'the last one before was')}.
      </Text>
    )
  return before.data === null && after.data === null ? (
    <Text size="sm">No run of this schedule has stored data so far.</Text>
  ) : null
}

/** What to tell whoever looks after the system. */
function Reference({ text }: { text: string }) {
  const { copy, copied, error } = useClipboard({ timeout: 3000 })
  return (
    <Stack gap={4}>
      <Button
        variant="default"
        leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        onClick={() => copy(text)}
        style={{ alignSelf: 'flex-start' }}
      >
        {copied ? 'Reference copied' : 'Copy reference'}
      </Button>
      <Text size="xs" role="status" style={{ overflowWrap: 'anywhere' }}>
        {error ? 'This browser does not let the page copy. Select it here: ' : 'Reference: '}
        {text}
      </Text>
    </Stack>
  )
}
