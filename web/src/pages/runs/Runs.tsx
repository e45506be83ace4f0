import { Button, Group, Stack, Text } from '@mantine/core'
import { IconArrowUp } from '@tabler/icons-react'
import { Link, useSearchParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { Empty } from '../../components/Empty'
import { ErrorNote } from '../../components/ErrorNote'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { RunTable } from '../../components/RunTable'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { isZone, useViewerZone } from '../../time/viewer'
import { queryOf, read, write } from './filters'
import { useRuns, useSchedules } from './queries'
import { RunFilters } from './RunFilters'
import { useSteady } from './steady'

/** All runs of the caller, newest first. */
export function Runs() {
  const [params, setParams] = useSearchParams()
  const filters = read(params)
  const viewer = useViewerZone()
  const zone = filters.zone && isZone(filters.zone) ? filters.zone : viewer
  const runs = useRuns(queryOf(filters, zone))
  const schedules = useSchedules()
  const filtered = write(filters).size > 0
  return (
    <Page title="Runs">
      <RunFilters
        filters={filters}
        onChange={(next) => setParams(write(next), { replace: true })}
        schedules={schedules.data ?? []}
        zone={zone}
      />
      {(filters.from || filters.to) && zone !== viewer && (
        <Text size="sm" c="dimmed">
          The days are those of {zone.replaceAll('_', ' ')}.
        </Text>
      )}
      <Loaded query={runs} title="The runs could not be loaded">
        {({ pages }) => (
          <List
            runs={pages.flatMap((page) => page.runs)}
            schedules={schedules.data ?? []}
            list={params.toString()}
            filtered={filtered}
            stale={runs.isPlaceholderData}
            onClear={() => setParams({}, { replace: true })}
          />
        )}
      </Loaded>
      {runs.isFetchNextPageError && <ErrorNote error={runs.error} title="Older runs could not be loaded" />}
      {runs.hasNextPage && (
        <Group justify="center">
          <Button variant="default" size="md" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older
          </Button>
        </Group>
      )}
    </Page>
  )
}

interface ListProps {
  runs: Schemas['Run'][]
  schedules: Schemas['Schedule'][]
  /** Names the list, so that another one is not taken for news. */
  list: string
  filtered: boolean
  stale: boolean
  onClear: () => void
}

function List({ runs, schedules, list, filtered, stale, onClear }: ListProps) {
  const steady = useSteady(runs, list)
  if (runs.length === 0)
    return filtered ? (
      <Empty
        title="No runs like these"
        action={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Nothing ran that fits all the filters.
      </Empty>
    ) : (
      <Empty
        title="Nothing has run yet"
        action={
          <Button component={Link} to={paths.home()}>
            Start collecting
          </Button>
        }
      >
        Each time a schedule collects data, or tries to, a line appears here that says how it went.
      </Empty>
    )
  return (
    <Stack gap="xs" style={{ opacity: stale ? 0.6 : 1 }} aria-busy={stale}>
      <div role="status">
        {steady.newer > 0 && (
          <Group justify="center">
            <Button variant="light" leftSection={<IconArrowUp size={16} aria-hidden />} onClick={steady.showNewer}>
              Show {count(steady.newer, 'newer run')}
            </Button>
          </Group>
        )}
      </div>
      <div {...steady.around}>
        <RunTable runs={steady.runs} schedules={schedules} label="Runs, newest first" />
      </div>
    </Stack>
  )
}
