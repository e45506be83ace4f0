import { SimpleGrid, Skeleton, Stack } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { inTypeOrder } from '../../components/counts'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { Legend } from './DayStrip'
import { GetStarted, StartCard } from './GetStarted'
import { JobCard } from './JobCard'
import { Needs } from './Needs'
import { NextRuns, Since } from './News'
import { useHome } from './queries'

/** The start page: is the data fresh, what needs me, what changed, what comes next. */
export function Home() {
  const home = useHome()
  return (
    <Page title="Home">
      <Loaded query={home} skeleton={<Waiting />}>
        {(data) => <Shown home={data} />}
      </Loaded>
    </Page>
  )
}

function Shown({ home }: { home: Schemas['Home'] }) {
  const jobs = inTypeOrder(home.jobs, (job) => job.schedule_type)
  const started = jobs.some((job) => job.schedules.length > 0)
  const days = jobs.flatMap((job) => (job.schedules.length > 0 ? job.days : []))
  return (
    <Stack gap="lg">
      <Needs needs={home.needs} />
      {!started && <GetStarted jobs={jobs} />}
      {started && (
        <>
          <Stack gap="md">
            {jobs.map((job) =>
              job.schedules.length > 0 ? (
                <JobCard key={job.schedule_type} job={job} />
              ) : (
                <StartCard key={job.schedule_type} job={job} />
              ),
            )}
            {days.length > 0 && <Legend days={days} />}
          </Stack>
          <SimpleGrid cols={{ base: 1, md: jobs.some((job) => job.since) ? 2 : 1 }}>
            <Since jobs={jobs} />
            <NextRuns jobs={jobs} />
          </SimpleGrid>
        </>
      )}
    </Stack>
  )
}

function Waiting() {
  return (
    <Stack gap="md">
      {[0, 1, 2].map((i) => (
        <Skeleton key={i} h={190} radius="md" />
      ))}
    </Stack>
  )
}
