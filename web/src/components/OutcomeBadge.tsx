import { Badge, Tooltip, type BadgeProps } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconHandStop,
  IconLoader2,
  IconMinus,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react'
import { colours, word, type Tone } from '../outcomes'

export const icons: Record<Tone, TablerIcon> = {
  good: IconCheck,
  part: IconAlertTriangle,
  wait: IconHandStop,
  bad: IconX,
  off: IconMinus,
  busy: IconLoader2,
  plan: IconCircleDashed,
}

interface OutcomeBadgeProps extends BadgeProps {
  /** An outcome, a slot's state or reason; null for a run that is going. */
  outcome: string | null | undefined
  message?: string | null
}

/** A word of the API with its colour and its sign; the message shows when it is pointed at. */
export function OutcomeBadge({ outcome, message, ...badge }: OutcomeBadgeProps) {
  const { label, tone } = word(outcome)
  const Icon = icons[tone]
  const shown = (
    <Badge
      variant="light"
      color={colours[tone]}
      tt="none"
      fw={600}
      leftSection={<Icon size={13} aria-hidden className={tone === 'busy' ? 'turning' : undefined} />}
      {...badge}
    >
      {label}
    </Badge>
  )
  return message ? (
    <Tooltip label={message} multiline maw={340} events={{ hover: true, focus: true, touch: true }}>
      {shown}
    </Tooltip>
  ) : (
    shown
  )
}
