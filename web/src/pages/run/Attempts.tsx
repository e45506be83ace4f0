import { Code, Collapse, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Section } from '../../components/Section'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { Evidence } from './Evidence'
import type { useErrorLog, useEvidence, Run } from './queries'

type Attempt = Schemas['Attempt']

interface AttemptsProps {
  run: Run
  log: ReturnType<typeof useErrorLog>
  evidence: ReturnType<typeof useEvidence>
  /** What the API calls the steps, as people say it. */
  titles: Map<string, string>
  zone: string
}

/** Every attempt that failed, what it missed on which page, and what that page was like. */
export function Attempts({ run, log, evidence, titles, zone }: AttemptsProps) {
  const files = evidence.data ?? log.data?.evidence ?? []
  const attempts = log.data?.attempts ?? []
  const error = log.error ?? evidence.error
  if (!error && attempts.length === 0 && files.length === 0) return null
  const own = (attempt: Attempt) => files.filter((file) => file.step === attempt.step && file.attempt === attempt.number)
  const rest = files.filter((file) => !attempts.some((attempt) => own(attempt).includes(file)))
  return (
    <Section id="attempts" title={run.outcome === 'held' ? 'What was looked at' : 'What went wrong'}>
      {error && (
        <ErrorNote
          error={error}
          title="The details could not be loaded"
          retry={() => void Promise.all([log.refetch(), evidence.refetch()])}
        />
      )}
      <Stack gap="lg">
        {/* The newest attempt is the one that decided. */}
        {[...attempts].reverse().map((attempt, i) => (
          <Stack key={`${attempt.step}${attempt.number}${attempt.at}`} gap="xs" style={{ minWidth: 0 }}>
            <Text size="sm" c="dimmed">
              {titles.get(attempt.step) ?? attempt.step}
              {attempts.length > 1 && `, attempt ${attempt.number}`} · <Time at={attempt.at} zone={zone} seconds bare />
            </Text>
            <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {attempt.message}
            </Text>
            <Missing attempt={attempt} />
            {attempt.detail && <Detail text={attempt.detail} />}
            <Evidence id={run.id} files={[...own(attempt), ...(i === 0 ? rest : [])]} zone={zone} />
          </Stack>
        ))}
        {attempts.length === 0 && <Evidence id={run.id} files={files} zone={zone} />}
      </Stack>
      {attempts.length > 1 && (
        <Text size="xs" c="dimmed">
          {count(attempts.length, 'attempt')} failed, newest first.
        </Text>
      )}
      {attempts.length > 0 && files.length === 0 && evidence.isSuccess && (
        <Text size="sm" c="dimmed">
          No picture was taken, or it was dropped after its time.
        </Text>
      )}
    </Section>
  )
}

function Missing({ attempt }: { attempt: Attempt }) {
  if (!attempt.element && !attempt.selector && !attempt.page) return null
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {attempt.element && <>Missing: {attempt.element}. </>}
      {attempt.page && <>Page: {attempt.page}. </>}
      {attempt.selector && (
        <>
          Selector: <Code>{attempt.selector}</Code>
        </>
      )}
    </Text>
  )
}

function Detail({ text }: { text: string }) {
  const [open, setOpen] = useState(false)
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <div>
      <UnstyledButton aria-expanded={open} onClick={() => setOpen(!open)} fz="sm" c="var(--mantine-color-anchor)" mih={32}>
        <Chevron size={14} aria-hidden /> For whoever looks after the system
      </UnstyledButton>
      <Collapse expanded={open}>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Code>
      </Collapse>
    </div>
  )
}
