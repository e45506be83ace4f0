import { icons } from '../../components/OutcomeBadge'
import { colours, type Tone } from '../../outcomes'
import classes from './Schedules.module.css'

/** A word with its colour and its sign. The sentence behind it stands beside it, not in a tooltip. */
export function StatusBadge({ label, tone }: { label: string; tone: Tone }) {
  const Icon = icons[tone]
  const colour = `--mantine-color-${colours[tone]}-light`
  return (
    <span className={classes.badge} style={{ background: `var(${colour})`, color: `var(${colour}-color)` }}>
      <Icon size={13} aria-hidden className={tone === 'busy' ? 'turning' : undefined} />
      <span>{label}</span>
    </span>
  )
}
