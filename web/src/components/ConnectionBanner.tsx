import { Alert, Group, Text } from '@mantine/core'
import { IconCloudOff } from '@tabler/icons-react'
import { useIsFetching } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { connection } from '../api/connection'
import { useNow } from '../time/now'
import { browserZone, when } from '../time/zone'

/** Says that nothing answers, since when, and how old what is on screen is. */
export function ConnectionBanner() {
  const { lostAt, heardAt } = useSyncExternalStore(connection.subscribe, connection.get)
  const trying = useIsFetching() > 0
  const now = useNow()
  if (lostAt === undefined) return <div role="status" />
  const at = (moment: number) => when(new Date(moment), browserZone, now, true)
  return (
    <div role="status">
      <Alert color="yellow" variant="light" radius={0} icon={<IconCloudOff aria-hidden />} py="xs">
        <Group gap="xs">
          <Text size="sm">
            {navigator.onLine ? 'The server does not answer' : 'This device is offline'} since {at(lostAt)}.{' '}
            {heardAt > 0 ? `You see what was known at ${at(heardAt)}.` : 'Nothing has been loaded yet.'}{' '}
            {trying ? 'Trying again …' : 'It is tried again by itself.'}
          </Text>
        </Group>
      </Alert>
    </div>
  )
}
