import { Anchor, Button, Card, Group, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconClipboardList, IconFilter, IconGasStation, type TablerIcon } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { typeOrder } from '../../components/counts'
import { ErrorNote } from '../../components/ErrorNote'
import { paths } from '../../paths'
import { useViewerZone } from '../../time/viewer'
import { useStart } from './queries'

type Job = Schemas['HomeJob']
type JobType = Job['schedule_type']

const about: Record<JobType, { icon: TablerIcon; text: string }> = {
  work_orders: { icon: IconClipboardList, text: 'Your open work orders, with their dates, stores and instructions.' },
  dispensers: { icon: IconGasStation, text: 'The dispensers at the stores of your work orders. A store is read once a week.' },
  filters: { icon: IconFilter, text: 'The filters to bring, counted from your work orders and their dispensers.' },
}

const own = (type: JobType) => ({ pathname: paths.newSchedule(), search: `?type=${type}` })

/** For who has no schedule yet: one click to start with everything, or each by itself. */
export function GetStarted({ jobs }: { jobs: Job[] }) {
  const start = useStart()
  const timezone = useViewerZone()
  return (
    <Card component="section" withBorder padding="lg" aria-labelledby="start">
      <Stack gap="lg">
        <Stack gap="xs">
          <Title order={2} id="start">
            Nothing is collected yet
          </Title>
          <Text maw={620}>
            Start now, and your work orders are here in a minute. From then on they are read every hour from 6 AM to 10 PM (
            {timezone.replaceAll('_', ' ')}). You can change or stop this at any time.
          </Text>
        </Stack>
        <Group gap="md">
          <Button size="lg" loading={start.isPending} onClick={() => start.mutate({ types: typeOrder, timezone })}>
            Start all three
          </Button>
          <Anchor component={Link} to={paths.newSchedule()}>
            Choose times yourself
          </Anchor>
        </Group>
        {start.isError && <ErrorNote error={start.error} title="Not started" />}
        <SimpleGrid cols={{ base: 1, md: 3 }} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {jobs.map((job) => (
            <Card key={job.schedule_type} component="li" withBorder padding="md">
              <Start job={job} />
            </Card>
          ))}
        </SimpleGrid>
      </Stack>
    </Card>
  )
}

/** A job type that has no schedule, beside others that have. */
export function StartCard({ job }: { job: Job }) {
  return (
    <Card component="section" withBorder padding="md" aria-label={job.title}>
      <Start job={job} heading />
    </Card>
  )
}

function Start({ job, heading }: { job: Job; heading?: boolean }) {
  const start = useStart()
  const timezone = useViewerZone()
  const { icon: Icon, text } = about[job.schedule_type]
  return (
    <Stack gap="sm" h="100%" justify="space-between">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon size={44} radius="xl" variant="light" color="gray" aria-hidden>
          <Icon size={24} />
        </ThemeIcon>
        <Stack gap={2}>
          <Title order={heading ? 2 : 3} size="h4">
            {heading ? `${job.title}: no schedule yet` : job.title}
          </Title>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </Stack>
      </Group>
      {start.isError && <ErrorNote error={start.error} title="Not started" />}
      <Group gap="md">
        <Button
          size="md"
          variant="light"
          h="auto"
          mih={42}
          py={6}
          styles={{ label: { whiteSpace: 'normal', lineHeight: 1.25 } }}
          loading={start.isPending}
          onClick={() => start.mutate({ types: [job.schedule_type], timezone })}
        >
          Keep {job.title.toLowerCase()} up to date every hour
        </Button>
        {heading && (
          <Anchor component={Link} to={own(job.schedule_type)} size="sm">
            Choose times yourself
          </Anchor>
        )}
      </Group>
    </Stack>
  )
}
