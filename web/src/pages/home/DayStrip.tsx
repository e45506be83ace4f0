import { Anchor, Group, Text, Tooltip } from '@mantine/core'
import { useRef, useState, type KeyboardEvent } from 'react'
import { Link } from 'react-router'
import { runsOf } from '../runs/filters'
import { dayName, dayText, kindOf, kinds, summary, type Day } from './days'
import classes from './home.module.css'
import { Square } from './Square'

interface DayStripProps {
  days: Day[]
  title: string
  type: string
  zone: string
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -1000, End: 1000 }

/** The runs of the last days. One stop for the tab key; the arrows go from day to day, and the chosen day is said below. */
export function DayStrip({ days, title, type, zone }: DayStripProps) {
  const [chosen, setChosen] = useState<string>()
  const [pointed, setPointed] = useState<Day>()
  const group = useRef<HTMLDivElement>(null)
  const at = days.findIndex((day) => day.date === chosen)
  const shown = days[at]
  const stop = at < 0 ? days.length - 1 : at

  const move = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    const next = Math.min(days.length - 1, Math.max(0, stop + step))
    setChosen(days[next]?.date)
    group.current?.querySelectorAll('button')[next]?.focus()
  }

  return (
    <div className={classes.strip}>
      <Tooltip.Floating label={pointed && `${dayName(pointed.date)}: ${dayText(pointed)}`} disabled={!pointed}>
        <div
          ref={group}
          role="group"
          aria-label={`${title}: ${summary(days)}. Arrow keys go from day to day.`}
          className={classes.days}
          onKeyDown={move}
          onPointerLeave={() => setPointed(undefined)}
        >
          {days.map((day, i) => (
            <button
              key={day.date}
              type="button"
              className={classes.day}
              tabIndex={i === stop ? 0 : -1}
              aria-pressed={day.date === chosen}
              aria-label={`${dayName(day.date)}: ${dayText(day)}`}
              onPointerEnter={(event) => event.pointerType === 'mouse' && setPointed(day)}
              onClick={() => setChosen(day.date === chosen ? undefined : day.date)}
            >
              <Square kind={kindOf(day)} />
            </button>
          ))}
        </div>
      </Tooltip.Floating>
      <Text size="sm" c="dimmed" mt={6}>
        {shown ? (
          <>
            <Text span inherit fw={600} c="var(--mantine-color-text)">
              {dayName(shown.date)}
            </Text>
            : {dayText(shown)}.{' '}
            {shown.runs > 0 && (
              <Anchor
                component={Link}
                inherit
                underline="always"
                to={runsOf({ types: [type], from: shown.date, to: shown.date, zone })}
              >
                See these runs
              </Anchor>
            )}
          </>
        ) : (
          `${summary(days)}.`
        )}
      </Text>
    </div>
  )
}

/** What the squares mean; only those that are on the page. */
export function Legend({ days }: { days: Day[] }) {
  const here = new Set(days.map(kindOf))
  return (
    <Group gap="md" role="group" aria-label="What the squares mean">
      {kinds
        .filter(({ kind }) => here.has(kind))
        .map(({ kind, label }) => (
          <Group key={kind} gap={6} wrap="nowrap">
            <Square kind={kind} size={14} />
            <Text size="sm" c="dimmed">
              {label}
            </Text>
          </Group>
        ))}
    </Group>
  )
}
