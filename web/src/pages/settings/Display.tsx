import {
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core'
import { useId } from 'react'
import { ErrorNote } from '../../components/ErrorNote'
import { Loaded } from '../../components/Loaded'
import { usePreferences, useSetZone } from '../../session/preferences'
import { useNow } from '../../time/now'
import { useViewerZone } from '../../time/viewer'
import { allZones, browserZone, clock, zoneName } from '../../time/zone'

const zones = allZones().map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))

/** The zone in which times are shown that belong to no schedule, and beside those that do. */
export function Zone() {
  const preferences = usePreferences()
  return <Loaded query={preferences}>{({ timezone }) => <Chosen timezone={timezone} />}</Loaded>
}

function Chosen({ timezone }: { timezone: string | null }) {
  const set = useSetZone()
  const zone = useViewerZone()
  const now = useNow()
  const device = browserZone.replaceAll('_', ' ')
  // The server may know a zone that is not in this browser's list, such as an old name.
  const data = timezone && !zones.some((one) => one.value === timezone) ? [{ value: timezone, label: timezone }, ...zones] : zones
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="sm">
        <Select
          label="Your time zone"
          description="Schedules have zones of their own; where those differ, your time stands beside theirs."
          size="md"
          w="100%"
          maw={420}
          searchable
          data={data}
          limit={200}
          nothingFoundMessage="No such zone. Try a large city near you."
          placeholder={`This device’s: ${device}`}
          value={timezone}
          disabled={set.isPending}
          onChange={(chosen) => chosen && chosen !== timezone && set.mutate(chosen)}
        />
        {timezone && (
          <Button size="md" variant="default" loading={set.isPending} onClick={() => set.mutate(null)}>
            Use this device’s ({device})
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        Now {clock(now, zone)} {zoneName(now, zone)}.
      </Text>
      {set.isError && <ErrorNote error={set.error} title="Not changed" />}
    </Stack>
  )
}

/** Light, dark, or as the device; kept on this device. */
export function Colors() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const label = useId()
  return (
    <Stack gap={4}>
      <Text fw={500} id={label}>
        Colors on this device
      </Text>
      <SegmentedControl
        aria-labelledby={label}
        size="md"
        w="100%"
        maw={420}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
        data={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'auto', label: 'As the device' },
        ]}
      />
    </Stack>
  )
}
