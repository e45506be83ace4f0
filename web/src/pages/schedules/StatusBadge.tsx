import { Badge } from '@mantine/core'
import { icons } from '../../components/OutcomeBadge'
import { colours } from '../../outcomes'
import type { Standing } from './status'

/** The word for how a schedule is doing. The sentence behind it stands beside it, not in a tooltip. */
export function StatusBadge({ standing }: { standing: Standing }) {
  const Icon = icons[standing.tone]
  return (
    <Badge
      variant="light"
      color={colours[standing.tone]}
      tt="none"
      fw={600}
      leftSection={<Icon size={13} aria-hidden />}
      style={{ flexShrink: 0 }}
    >
      {standing.label}
    </Badge>
  )
}
