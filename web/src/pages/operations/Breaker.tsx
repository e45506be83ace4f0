import { Alert, Button, Group, Table, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useState } from 'react'
import { Confirm } from '../../components/Confirm'
import { Section } from '../../components/Section'
import { Time } from '../../components/Time'
import { count } from '../../outcomes'
import { duration } from '../../time/zone'
import { useBreaker, useCloseBreaker } from './queries'

/** Whether the portal is left alone because it answers nobody, and the times when it was. */
export function Breaker() {
  const breaker = useBreaker().data
  const close = useCloseBreaker()
  const [asking, setAsking] = useState(false)
  if (!breaker || (breaker.state === 'closed' && breaker.incidents.length === 0)) return null
  const { incident } = breaker
  return (
    <>
      {incident && (
        <Alert
          color="red"
          variant="light"
          icon={<IconPlugConnectedX aria-hidden />}
          title="The portal answers nobody"
          role="alert"
        >
          <Text size="sm">{incident.message}</Text>
          <Text size="sm">
            {count(incident.accounts, 'account')}, {count(incident.slots_skipped, 'slot')} left out,{' '}
            {count(incident.probes, 'try', 'tries')} in vain.
            {incident.probe_at && (
              <>
                {' '}
                Next try <Time at={incident.probe_at} relative />.
              </>
            )}
          </Text>
          <Group mt="sm">
            <Button size="xs" variant="default" onClick={() => setAsking(true)}>
              Let runs through again
            </Button>
          </Group>
        </Alert>
      )}
      <Past incidents={breaker.incidents.filter((each) => each.closed_at !== null)} />
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Let runs through again?"
        action="Let runs through"
        pending={close.isPending}
        error={close.error}
        onConfirm={() => close.mutate(undefined, { onSuccess: () => setAsking(false) })}
      >
        <Text size="sm">
          From their next slots on, scheduled runs of all accounts go to {breaker.portal} again. If it still does not answer, they
          fail, and are left out anew.
        </Text>
      </Confirm>
    </>
  )
}

function Past({ incidents }: { incidents: NonNullable<ReturnType<typeof useBreaker>['data']>['incidents'] }) {
  if (incidents.length === 0) return null
  return (
    <Section title="When the portal answered nobody">
      <Table.ScrollContainer minWidth={520} aria-label="Incidents" tabIndex={0}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Since</Table.Th>
              <Table.Th scope="col">For</Table.Th>
              <Table.Th scope="col">Accounts</Table.Th>
              <Table.Th scope="col">Slots left out</Table.Th>
              <Table.Th scope="col">Ended by</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {incidents.map((each) => (
              <Table.Tr key={each.id}>
                <Table.Td>
                  <Time at={each.since} />
                </Table.Td>
                <Table.Td>{each.closed_at && duration((Date.parse(each.closed_at) - Date.parse(each.since)) / 1000)}</Table.Td>
                <Table.Td>{each.accounts.toLocaleString()}</Table.Td>
                <Table.Td>{each.slots_skipped.toLocaleString()}</Table.Td>
                <Table.Td>{each.closed_by ?? 'the portal’s answer'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}
