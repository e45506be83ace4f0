import { Alert, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { useNow } from '../../time/now'
import { clock, inClock, localDate, zoneName } from '../../time/zone'
import { byDay, type Day, type Gap } from './days'
import type { Form } from './form'

interface PreviewPanelProps {
  form: Form
  preview?: Schemas['Preview']
  /** What is shown belongs to an earlier state of the form. */
  waiting: boolean
  /** What is wrong and has no field of its own. */
  refusal?: string
  /** Something is wrong at a field. */
  wrong: boolean
  /** What is not yet typed, without which there is nothing to show. */
  missing?: string
  away?: unknown
  /** A new schedule that starts as soon as it is saved. */
  startsAtOnce: boolean
  /** As many slots were asked for. */
  asked: number
}

const daysShown = 6
const timesShown = 4

const dateOf = (date: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(date))
const sayDate = (date: string) => dateOf(date, { weekday: 'short', month: 'short', day: 'numeric' })

/** When what is typed would run, in the words of the server and as the next times. */
export function PreviewPanel(props: PreviewPanelProps) {
  const { form, waiting, refusal, missing, away, startsAtOnce, asked } = props
  const preview = missing ? undefined : props.preview
  const wrong = props.wrong && !missing
  const now = useNow()
  const first = preview?.slots[0]
  return (
    <Card withBorder component="section" aria-label="Preview" padding="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Preview
        </Title>
        {refusal && (
          <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert" p="xs">
            <Text size="sm">{refusal}</Text>
          </Alert>
        )}
        {away ? <ErrorNote error={away} title="The preview could not be made" /> : null}
        {missing && (
          <Text size="sm" c="dimmed">
            {missing}
          </Text>
        )}
        {!preview && !refusal && !away && !wrong && !missing && (
          <div role="status" aria-label="Loading">
            <Skeleton h={16} mb={8} />
            <Skeleton h={16} w="70%" />
          </div>
        )}
        {wrong && (
          <Text size="sm" c="dimmed">
            {preview
              ? 'This is how it was before the mistake in the form:'
              : 'Shown as soon as the mistake in the form is mended.'}
          </Text>
        )}
        {preview && (
          <Stack
            gap="sm"
            aria-busy={waiting}
            c={wrong ? 'dimmed' : undefined}
            style={{ opacity: waiting && !wrong ? 0.55 : 1, transition: 'opacity 150ms 250ms' }}
          >
            <Text fw={500} role="status" style={{ overflowWrap: 'anywhere' }}>
              {inClock(preview.sentence)}
            </Text>
            {startsAtOnce && <Text size="sm">The first run starts as soon as you save.</Text>}
            {!form.enabled && <Text size="sm">Paused: none of these run until it is resumed.</Text>}
            {first && (
              <Text size="sm">
                {startsAtOnce ? 'Then' : form.enabled ? 'Next' : 'The next would be'}{' '}
                <Time at={first.at} zone={form.zone} relative />
              </Text>
            )}
            <Slots preview={preview} form={form} now={now} asked={asked} />
            {preview.warnings.map((warning) => (
              <Alert key={warning} color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} p="xs">
                <Text size="sm">{inClock(warning)}</Text>
              </Alert>
            ))}
          </Stack>
        )}
      </Stack>
    </Card>
  )
}

function Slots({ preview, form, now, asked }: { preview: Schemas['Preview']; form: Form; now: Date; asked: number }) {
  const all = byDay(preview.slots, localDate(now, form.zone), form)
  // The last day may be cut short by how many were asked for.
  const cut = preview.slots.length >= asked
  const shown = all.slice(0, daysShown * 2).slice(0, all.findLastIndex((_, at) => days(all, at) <= daysShown) + 1)
  if (shown.length === 0) return null
  const at = preview.slots[0]?.at
  return (
    <Stack gap={6} component="ul" style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label="Next runs by day">
      <Text component="li" size="xs" c="dimmed">
        Times in {form.zone.replaceAll('_', ' ')}
        {at && ` (${zoneName(new Date(at), form.zone)})`}
      </Text>
      {shown.map((entry) =>
        entry.kind === 'day' ? (
          <DayLine key={entry.date} day={entry} form={form} more={cut && entry === all.at(-1)} />
        ) : (
          <GapLine key={`${entry.from}-`} gap={entry} />
        ),
      )}
      {!cut && shown.length === all.length && (
        <Text component="li" size="sm" c="dimmed">
          After that it is over.
        </Text>
      )}
    </Stack>
  )
}

const days = (all: (Day | Gap)[], at: number) => all.slice(0, at + 1).filter((entry) => entry.kind === 'day').length

function DayLine({ day, form, more }: { day: Day; form: Form; more: boolean }) {
  const times = day.slots.map((slot) => clock(new Date(slot.at), form.zone))
  const brief = times.length > timesShown + 1
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start">
      <Text size="sm" fw={600} w={108} style={{ flexShrink: 0, whiteSpace: 'nowrap' }}>
        {sayDate(day.date)}
      </Text>
      <Text size="sm">
        {(brief ? times.slice(0, timesShown - 1) : times).join(', ')}
        {brief && !more && ` … ${times.at(-1)}`}
        {brief && !more && (
          <Text span size="xs" c="dimmed">
            {' '}
            ({count(times.length, 'run')})
          </Text>
        )}
        {more && ' …'}
      </Text>
    </Group>
  )
}

const reasons: Record<Gap['why'], string> = {
  skip: 'Left out, a date without runs',
  weekday: 'No runs on this weekday',
  none: 'No time falls on it',
}

function GapLine({ gap }: { gap: Gap }) {
  const several = gap.from !== gap.to
  const reason = gap.why === 'weekday' && several ? 'No runs on these weekdays' : reasons[gap.why]
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start" c="dimmed">
      <Text size="sm" w={108} style={{ flexShrink: 0, whiteSpace: 'nowrap' }}>
        {several
          ? `${dateOf(gap.from, { month: 'short', day: 'numeric' })}–${dateOf(gap.to, sameMonth(gap) ? { day: 'numeric' } : { month: 'short', day: 'numeric' })}`
          : sayDate(gap.from)}
      </Text>
      <Text size="sm">{reason}</Text>
    </Group>
  )
}

const sameMonth = (gap: Gap) => gap.from.slice(0, 7) === gap.to.slice(0, 7)
