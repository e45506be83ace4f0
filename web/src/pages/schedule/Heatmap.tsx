import { Button, Group, Paper, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Loaded } from '../../components/Loaded'
import { hourName } from '../../time/zone'
import { past, sayCell, sayHeat, step, weekdays, type Cell } from './heat'
import classes from './Heatmap.module.css'
import { useHeatmap } from './queries'

type Mode = 'past' | 'coming'

/** When in the week runs go wrong, and when there is most to do. */
export function Heatmap({ id }: { id: number }) {
  const heat = useHeatmap(id)
  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="week">
      <Loaded query={heat} title="The week could not be loaded">
        {(data) => <Week heat={data} />}
      </Loaded>
    </Paper>
  )
}

function Week({ heat }: { heat: Schemas['Heatmap'] }) {
  const [mode, setMode] = useState<Mode>('past')
  const [table, setTable] = useState(false)
  const [pointed, setPointed] = useState<Cell>()
  const said = sayHeat(heat.cells, heat.weeks)
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4" id="week">
          By weekday and hour
        </Title>
        {heat.cells.length > 0 && (
          <Group gap="xs">
            <SegmentedControl
              aria-label="What the colours show"
              value={mode}
              onChange={(next) => setMode(next as Mode)}
              data={[
                { value: 'past', label: 'Without data' },
                { value: 'coming', label: 'To come' },
              ]}
            />
            <Button variant="default" aria-pressed={table} onClick={() => setTable(!table)}>
              {table ? 'As a grid' : 'As a table'}
            </Button>
          </Group>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {heat.cells.length === 0 ? 'Shows when in the week runs fail, as soon as slots have passed.' : said}
      </Text>
      {heat.cells.length > 0 &&
        (table ? (
          <Numbers cells={heat.cells} />
        ) : (
          <>
            <Grid cells={heat.cells} mode={mode} label={said} onPoint={setPointed} />
            <Text size="sm" mih={22}>
              {pointed ? sayCell(pointed) : <Key mode={mode} />}
            </Text>
          </>
        ))}
    </Stack>
  )
}

interface GridProps {
  cells: Cell[]
  mode: Mode
  label: string
  onPoint: (cell: Cell | undefined) => void
}

// In units of the picture; a cell is 24 by 20.
const left = 36
const top = 16
const wide = 24
const high = 20

/** Monday comes first. */
const row = (weekday: number) => (weekday + 6) % 7

function Grid({ cells, mode, label, onPoint }: GridProps) {
  const most = Math.max(1, ...cells.map((cell) => cell.planned))
  return (
    <svg
      className={classes.grid}
      data-mode={mode}
      viewBox={`0 0 ${left + 24 * wide} ${top + 7 * high}`}
      role="img"
      aria-label={label}
      onPointerLeave={() => onPoint(undefined)}
    >
      {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => (
        <text key={hour} x={left + hour * wide} y={11}>
          {hourName(hour)}
        </text>
      ))}
      {weekdays.map((name, weekday) => (
        <text key={name} x={0} y={top + row(weekday) * high + 14}>
          {name.slice(0, 3)}
        </text>
      ))}
      {Array.from({ length: 168 }, (_, i) => (
        <rect
          key={i}
          className={classes.none}
          x={left + (i % 24) * wide + 1}
          y={top + Math.floor(i / 24) * high + 1}
          width={wide - 2}
          height={high - 2}
          rx={3}
        />
      ))}
      {cells.map((cell) => {
        const { all, bad } = past(cell)
        const level = mode === 'past' ? (all === 0 ? undefined : step(bad / all)) : step(cell.planned / most)
        const number = mode === 'past' ? bad : cell.planned
        const x = left + cell.hour * wide
        const y = top + row(cell.weekday) * high
        return (
          <g key={`${cell.weekday} ${cell.hour}`} onPointerEnter={() => onPoint(cell)} onPointerDown={() => onPoint(cell)}>
            <rect className={classes.cell} data-level={level} x={x + 1} y={y + 1} width={wide - 2} height={high - 2} rx={3} />
            {number > 0 && level !== undefined && (
              <text className={classes.number} data-level={level} x={x + wide / 2} y={y + 14}>
                {number > 99 ? '99+' : number}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

function Key({ mode }: { mode: Mode }) {
  return (
    <Text span size="xs" c="dimmed">
      {mode === 'past'
        ? 'The numbers are slots that brought no data: failed, held, or not run. The stronger the red, the larger their share. Green without a number: all went well.'
        : 'The numbers are slots in the next 7 days.'}
    </Text>
  )
}

function Numbers({ cells }: { cells: Cell[] }) {
  const sorted = [...cells].sort((a, b) => row(a.weekday) - row(b.weekday) || a.hour - b.hour)
  return (
    <Table.ScrollContainer minWidth={560} mah={420} aria-label="Slots by weekday and hour, scrolls" tabIndex={0}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {['When', 'Succeeded', 'Partly read', 'Failed', 'Held', 'Cancelled', 'Did not run', 'To come'].map((head) => (
              <Table.Th key={head} scope="col">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((cell) => (
            <Table.Tr key={`${cell.weekday} ${cell.hour}`}>
              <Table.Th scope="row" fw={500} style={{ whiteSpace: 'nowrap' }}>
                {weekdays[cell.weekday]} {hourName(cell.hour)}
              </Table.Th>
              {[cell.succeeded, cell.partial, cell.failed, cell.held, cell.cancelled, cell.not_run, cell.planned].map((n, i) => (
                <Table.Td key={i}>{n.toLocaleString()}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
