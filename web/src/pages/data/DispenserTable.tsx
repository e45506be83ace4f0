import { Stack, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { count } from '../../outcomes'
import classes from './data.module.css'
import type { Dispenser } from './sites'

/** The dispensers of one site: a table where there is room, else one block each. */
export function DispenserTable({ dispensers, label }: { dispensers: Dispenser[]; label: string }) {
  const room = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false })
  const sorted = [...dispensers].sort((a, b) => a.dispenser_number.localeCompare(b.dispenser_number, 'en', { numeric: true }))
  if (!room) return <Blocks dispensers={sorted} label={label} />
  return (
    <Table verticalSpacing={6} horizontalSpacing={8} aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">No.</Table.Th>
          <Table.Th scope="col">Make and model</Table.Th>
          <Table.Th scope="col">Serial number</Table.Th>
          <Table.Th scope="col">Grades</Table.Th>
          <Table.Th scope="col">Meter</Table.Th>
          <Table.Th scope="col">Nozzles</Table.Th>
          <Table.Th scope="col">Code</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sorted.map((d) => (
          <Table.Tr key={d.id}>
            <Table.Th scope="row">{d.dispenser_number}</Table.Th>
            <Table.Td className={classes.anywhere}>{makeOf(d) || <None />}</Table.Td>
            <Table.Td className={`${classes.serial} ${classes.anywhere}`}>{d.serial_number ?? <None />}</Table.Td>
            <Table.Td>{d.fuel_grades_list.join(', ') || <None />}</Table.Td>
            <Table.Td>{d.meter_type ?? <None />}</Table.Td>
            <Table.Td>{d.number_of_nozzles ?? <None />}</Table.Td>
            <Table.Td className={classes.serial}>{d.stand_alone_code ?? <None />}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Blocks({ dispensers, label }: { dispensers: Dispenser[]; label: string }) {
  return (
    <Stack component="ul" gap={0} aria-label={label} p={0} m={0} style={{ listStyle: 'none' }}>
      {dispensers.map((d) => (
        <li key={d.id} className={classes.block}>
          <Text size="sm" fw={600} className={classes.anywhere}>
            {d.dispenser_number} · {makeOf(d) || 'make not given'}
          </Text>
          <Text size="sm" className={`${classes.serial} ${classes.anywhere}`}>
            Serial {d.serial_number ?? 'not given'}
            {d.stand_alone_code && ` · code ${d.stand_alone_code}`}
          </Text>
          <Text size="sm" c="dimmed" className={classes.anywhere}>
            {[d.fuel_grades_list.join(', '), d.meter_type, nozzles(d.number_of_nozzles)].filter(Boolean).join(' · ')}
          </Text>
        </li>
      ))}
    </Stack>
  )
}

const makeOf = (d: Dispenser) => [d.make ?? d.dispenser_type, d.model].filter(Boolean).join(' ')

/** WorkFossa promises no number. */
const nozzles = (text: string | null) =>
  text && (/^\d+$/.test(text) ? `${count(Number(text), 'nozzle')} a side` : `nozzles a side: ${text}`)

const None = () => (
  <Text span inherit c="dimmed">
    not given
  </Text>
)
