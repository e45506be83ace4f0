import { Anchor, Badge, Button, Group, NativeSelect, Stack, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useJobTypes } from '../../api/queries'
import { scheduleName } from '../../components/counts'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Time } from '../../components/Time'
import { UrlSearch } from '../../components/UrlSearch'
import { sayWord } from '../../outcomes'
import classes from './operations.module.css'
import { useUserSchedules, userStates, type UserSchedule, type UserState } from './queries'
import { Section } from '../../components/Section'

const stateWords: Record<UserState, string> = {
  active: 'Active',
  paused: 'Paused',
  failed: 'Failed',
  held: 'Waiting for sign-in',
  overdue: 'Overdue',
}

interface UserSchedulesProps {
  params: URLSearchParams
  set: (values: Record<string, string>, push?: boolean) => void
}

/** Everybody's schedules, a page at a time; search, state and page are in the address. */
export function UserSchedules({ params, set }: UserSchedulesProps) {
  const status = userStates.find((each) => each === params.get('status'))
  const filter = { q: params.get('q') ?? '', status, cursor: params.get('cursor') ?? '' }
  const query = useUserSchedules(filter)
  const plain = !filter.q && !status && !filter.cursor
  return (
    <div id="user-schedules" style={{ scrollMarginTop: 70 }}>
      <Section title="Everybody's schedules">
        <Group gap="sm" align="flex-end">
          <UrlSearch
            label="Search schedules"
            placeholder="Schedule or e-mail address"
            value={filter.q}
            onSearch={(q) => set({ q, cursor: '' })}
            style={{ flex: '1 1 220px' }}
            maw={380}
            maxLength={100}
          />
          <NativeSelect
            aria-label="State"
            value={status ?? ''}
            onChange={(event) => set({ status: event.currentTarget.value, cursor: '' })}
            data={[{ value: '', label: 'Any state' }, ...userStates.map((value) => ({ value, label: stateWords[value] }))]}
          />
        </Group>
        <Loaded query={query} title="The schedules could not be loaded">
          {({ schedules: rows, next }) => {
            if (rows.length === 0)
              return plain ? (
                <Empty title="Nobody has made a schedule yet" />
              ) : (
                <Empty
                  title="No schedule fits"
                  action={
                    <Button variant="default" onClick={() => set({ q: '', status: '', cursor: '' })}>
                      Show all schedules
                    </Button>
                  }
                />
              )
            return (
              <Stack gap="sm">
                <List rows={rows} />
                {(next !== null || filter.cursor) && (
                  <Group gap="xs">
                    <Button variant="default" disabled={!filter.cursor} onClick={() => set({ cursor: '' }, true)}>
                      First page
                    </Button>
                    <Button variant="default" disabled={next === null} onClick={() => set({ cursor: next ?? '' }, true)}>
                      Next page
                    </Button>
                  </Group>
                )}
              </Stack>
            )
          }}
        </Loaded>
      </Section>
    </div>
  )
}

function List({ rows }: { rows: UserSchedule[] }) {
  const titles = new Map(useJobTypes().data?.map(({ type, title }) => [type as string, title]))
  const room = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false })
  const name = (row: UserSchedule) => <Name schedule={row.schedule} title={titles.get(row.schedule.schedule_type)} />
  if (!room)
    return (
      <Stack component="ul" gap={0} aria-label="Everybody's schedules" p={0} m={0} style={{ listStyle: 'none' }}>
        {rows.map((row) => (
          <li key={row.schedule.id} className={classes.block}>
            {name(row)}
            <Text size="sm" className={classes.anywhere} mb={4}>
              {row.owner}
            </Text>
            <State schedule={row.schedule} />
            <Text size="sm" mt={4}>
              Last <Last schedule={row.schedule} />, next <Next schedule={row.schedule} />
            </Text>
          </li>
        ))}
      </Stack>
    )
  return (
    <Table verticalSpacing={7} highlightOnHover aria-label="Everybody's schedules" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Schedule</Table.Th>
          <Table.Th scope="col">Owner</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col" w="15%">
            Last run
          </Table.Th>
          <Table.Th scope="col" w="15%">
            Next run
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.schedule.id} style={{ verticalAlign: 'top' }}>
            <Table.Th scope="row" fw={400} className={classes.anywhere}>
              {name(row)}
            </Table.Th>
            <Table.Td className={classes.anywhere}>{row.owner}</Table.Td>
            <Table.Td>
              <State schedule={row.schedule} />
            </Table.Td>
            <Table.Td>
              <Last schedule={row.schedule} />
            </Table.Td>
            <Table.Td>
              <Next schedule={row.schedule} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface Of {
  schedule: UserSchedule['schedule']
}

const Last = ({ schedule }: Of) => (schedule.last_run ? <Time at={schedule.last_run} zone={schedule.timezone} /> : 'has not run')

const Next = ({ schedule }: Of) =>
  schedule.next_run ? <Time at={schedule.next_run} zone={schedule.timezone} /> : 'nothing planned'

const Name = ({ schedule, title }: Of & { title?: string }) => (
  <>
    <Text size="sm" fw={600} className={classes.anywhere}>
      {scheduleName(schedule)}
    </Text>
    <Text size="xs" c="dimmed">
      {title ?? sayWord(schedule.schedule_type)}
      {schedule.temporal_url && (
        <>
          {' · '}
          <Anchor href={schedule.temporal_url} target="_blank" rel="noopener noreferrer" inherit underline="always">
            In Temporal
          </Anchor>
        </>
      )}
    </Text>
  </>
)

const colours: Record<string, string> = { active: 'teal', paused: 'gray', failed: 'red', held: 'orange' }

function State({ schedule }: Of) {
  const state = schedule.held ? 'held' : schedule.status
  const why = schedule.held_reason ?? schedule.warning ?? (schedule.pause_reason || undefined)
  return (
    <>
      <Group gap={4}>
        {schedule.overdue && (
          <Badge color="red" variant="light" tt="none">
            Overdue
          </Badge>
        )}
        <Badge color={colours[state]} variant="light" tt="none">
          {stateWords[state]}
        </Badge>
        {schedule.sync === 'pending' && (
          <Badge color="yellow" variant="light" tt="none" title="Temporal does not have the newest change yet">
            Change pending
          </Badge>
        )}
      </Group>
      {why && (
        <Text size="xs" c="dimmed" mt={2} className={classes.anywhere}>
          {why}
        </Text>
      )}
    </>
  )
}
