import { SimpleGrid, Text } from '@mantine/core'
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
    { label: 'Overdue', count: totals.overdue, status: 'overdue', bad: true },
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
            {tile.count === null ? (
              <Text size="sm">not known</Text>
            ) : (
              <Text span className={classes.number} c={tile.bad && tile.count > 0 ? 'red' : undefined}>
                {tile.count.toLocaleString()}
              </Text>
            )}
          </Link>
        ))}
      </SimpleGrid>
      {totals.overdue !== null && totals.overdue > 0 && <Text size="sm">Overdue ones heal by themselves within minutes.</Text>}
    </Section>
  )
}
