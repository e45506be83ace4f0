import { Anchor, List, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useAccount } from '../../session/Session'
import { inClock } from '../../time/zone'
import type { Schedule } from './queries'
import { sayJob, sayTiming, type Said } from './timing'

/** How the schedule is set, in words, and what one may not expect of it. */
export function Settings({ schedule, preview }: { schedule: Schedule; preview: Schemas['Preview'] | undefined }) {
  const admin = useAccount()?.role === 'admin'
  return (
    <Paper withBorder p={{ base: 'sm', sm: 'md' }} component="section" aria-labelledby="settings">
      <Stack gap="md">
        <Title order={2} size="h4" id="settings">
          Settings
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <Facts facts={sayTiming(schedule)} />
          <Stack gap="md">
            <Facts facts={sayJob(schedule.settings)} />
            {preview && preview.warnings.length > 0 && (
              <div>
                <Text size="sm" c="dimmed">
                  Good to know
                </Text>
                <List size="sm" spacing={4}>
                  {preview.warnings.map((warning) => (
                    <List.Item key={warning}>{inClock(warning)}</List.Item>
                  ))}
                </List>
              </div>
            )}
            {admin && (
              <div>
                <Text size="sm" c="dimmed">
                  For operators
                </Text>
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {schedule.temporal_url ? (
                    <Anchor href={schedule.temporal_url} target="_blank" rel="noreferrer" inherit>
                      Open {schedule.temporal_schedule_id} in the Temporal UI
                    </Anchor>
                  ) : (
                    `Temporal schedule ${schedule.temporal_schedule_id}`
                  )}
                </Text>
              </div>
            )}
          </Stack>
        </SimpleGrid>
      </Stack>
    </Paper>
  )
}

function Facts({ facts }: { facts: Said[] }) {
  return (
    <Stack gap="xs" component="dl" m={0}>
      {facts.map(({ name, text }) => (
        <div key={name}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {text}
          </Text>
        </div>
      ))}
    </Stack>
  )
}
