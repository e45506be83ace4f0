import { Group, SimpleGrid, Text } from '@mantine/core'
import { Link } from 'react-router'
import { paths } from '../../paths'
import classes from './operations.module.css'
import type { Overview } from './queries'
import { Section } from '../../components/Section'

interface ScheduleTotalsProps {
  totals: Overview['schedules']
  /** The state that the table shows now. */
  status: string
}

/** Everybody's schedules by state; each number leads to the table with just those. */
export function ScheduleTotals({ totals, status }: ScheduleTotalsProps) {
  const tiles = [
    { label: 'All', count: totals.total, status: '' },
    { label: 'Active', count: totals.active, status: 'active' },
    { label: 'Paused', count: totals.paused, status: 'paused' },
    { label: 'Failed', count: totals.failed, status: 'failed', bad: true },
    { label: 'Waiting for sign-in', count: totals.held, status: 'held', bad: true },
  ]
  return (
    <Section title="Schedules">
      <SimpleGrid cols={{ base: 2, xs: 3 }} spacing={4} mx={-10}>
        {tiles.map((tile) => (
          <Link
            key={tile.label}
            className={classes.tile}
            to={`${paths.operations()}${tile.status ? `?status=${tile.status}` : ''}`}
            onClick={() => document.getElementById('user-schedules')?.scrollIntoView()}
            aria-current={status === tile.status ? 'true' : undefined}
          >
            <Text size="sm" c="dimmed">
              {tile.label}
            </Text>
            <Text span className={classes.number} c={tile.bad && tile.count > 0 ? 'red' : undefined}>
              {tile.count.toLocaleString()}
            </Text>
          </Link>
        ))}
        <div className={classes.tile}>
          <Text size="sm" c="dimmed">
            Overdue
          </Text>
          {totals.overdue === null ? (
            <Text size="sm">not known</Text>
          ) : (
            <Text span className={classes.number} c={totals.overdue > 0 ? 'red' : undefined}>
              {totals.overdue.toLocaleString()}
            </Text>
          )}
        </div>
      </SimpleGrid>
      {totals.overdue !== null && totals.overdue > 0 && (
        <Group>
          <Text size="sm">Overdue ones are listed below, first. They heal by themselves within minutes.</Text>
        </Group>
      )}
    </Section>
  )
}
