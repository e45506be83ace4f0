import { Box, Button, Group, Loader, Select, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { calm, useJobTypes } from '../../api/queries'
import { Empty } from '../../components/Empty'
import { Loaded } from '../../components/Loaded'
import { Page } from '../../components/Page'
import { UrlSearch } from '../../components/UrlSearch'
import { count } from '../../outcomes'
import { paths } from '../../paths'
import { BulkBar } from './BulkBar'
import { ChangeDialog } from './ChangeDialog'
import { isFiltered, readFilters, statuses } from './filters'
import { isSeen, useSchedules, type Seen } from './queries'
import type { Ask } from './RowActions'
import { ScheduleTable } from './ScheduleTable'
import { useSelection } from './selection'
import { Transfer } from './Transfer'

/** All schedules of the user: how each is doing, and what can be done with one or many of them. */
export function Schedules() {
  const [search] = useSearchParams()
  const filters = useMemo(() => readFilters(search), [search])
  const seen = useRef<Seen>({ first: 0, last: 0 })
  const list = useSchedules(filters, seen)
  const selection = useSelection()
  const [asked, setAsked] = useState<Ask>()
  const [gathering, setGathering] = useState(false)

  const pages = list.data?.pages
  const schedules = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])
  const { hasNextPage, isFetching, isFetchingNextPage, fetchNextPage, isPlaceholderData, isError, refetch } = list
  const onMore = useCallback(() => {
    // What is under way already is not ended for it.
    if (hasNextPage && !isFetching) void fetchNextPage({ cancelRefetch: false })
  }, [hasNextPage, isFetching, fetchNextPage])
  const onSeen = useCallback(
    (first: number, last: number) => {
      seen.current = { first, last }
      const old = pages?.some((page, at) => isSeen(pages, at, seen.current) && Date.now() - page.at > calm)
      if (old && !isFetching && !isError) void refetch()
    },
    [pages, isFetching, isError, refetch],
  )

  const hidden = useMemo(() => {
    if (selection.size === 0) return 0
    const shown = new Set(schedules.map((schedule) => schedule.id))
    return selection.ids().filter((id) => !shown.has(id)).length
  }, [schedules, selection])

  /** The list is loaded to its end: what is then selected is exactly what is shown to be changed. */
  const selectMatching = async () => {
    setGathering(true)
    let answer = await fetchNextPage()
    while (answer.hasNextPage && !answer.isError) answer = await answer.fetchNextPage()
    selection.select(answer.data?.pages.flatMap((page) => page.items.map((schedule) => schedule.id)) ?? [], true)
    setGathering(false)
  }

  const create = (label: string) => (
    <Button component={Link} to={paths.newSchedule()} h={40} leftSection={<IconPlus size={18} aria-hidden />}>
      {label}
    </Button>
  )
  return (
    <Page
      title="Schedules"
      actions={
        <>
          {create('New schedule')}
          <Transfer />
        </>
      }
    >
      <Stack gap="sm">
        <Toolbar />
        <Loaded query={list} title="Your schedules could not be loaded">
          {() =>
            schedules.length === 0 && !isPlaceholderData ? (
              isFiltered(filters) ? (
                <NoneMatch />
              ) : (
                <Empty title="No schedules yet" action={create('Make your first schedule')}>
                  A schedule collects something for you again and again: your work orders, the dispensers at their sites, or the
                  filters to bring. You say how often and at which hours; it starts right away.
                </Empty>
              )
            ) : (
              <>
                <Text size="sm" c="dimmed" role="status">
                  {count(schedules.length, 'schedule')}
                  {hasNextPage && ' loaded, more follow as you scroll'}
                </Text>
                <ScheduleTable
                  schedules={schedules}
                  more={hasNextPage}
                  onMore={onMore}
                  onSeen={onSeen}
                  waiting={isPlaceholderData}
                  selection={selection}
                  onAsk={setAsked}
                />
                {isFetchingNextPage && (
                  <Group justify="center" p="sm">
                    <Loader size="sm" aria-label="Loading more" />
                  </Group>
                )}
              </>
            )
          }
        </Loaded>
        {selection.size > 0 && (
          <BulkBar
            selected={selection.size}
            hidden={hidden}
            onSelectMatching={hasNextPage ? () => void selectMatching() : undefined}
            gathering={gathering}
            onAct={(action) => setAsked({ action, ids: selection.ids() })}
            onClear={selection.clear}
          />
        )}
      </Stack>
      {asked && (
        <ChangeDialog
          ask={asked}
          onClose={() => setAsked(undefined)}
          onDone={(action, ids) => {
            if (action === 'delete') selection.select(ids, false)
          }}
        />
      )}
    </Page>
  )
}

function useFilterChange() {
  const [search, setSearch] = useSearchParams()
  const change = (name: string, value: string | null) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  return { search, change, clear: () => setSearch({}, { replace: true }) }
}

/** What to show. It stands in the address, so that a link and a reload show the same. */
function Toolbar() {
  const { search, change } = useFilterChange()
  const types = useJobTypes()
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Schedules">
      <UrlSearch
        label="Search by name"
        placeholder="Search by name"
        maxLength={100}
        value={search.get('q') ?? ''}
        onSearch={(text) => change('q', text)}
        styles={{ input: { height: 40 } }}
        style={{ flex: '2 1 200px' }}
      />
      <Box style={{ flex: '1 1 140px', maxWidth: 240 }}>
        <Select
          aria-label="Type"
          placeholder="Every type"
          clearable
          data={types.data?.map((type) => ({ value: type.type, label: type.title })) ?? []}
          value={search.get('type')}
          onChange={(value) => change('type', value)}
          styles={{ input: { height: 40 } }}
        />
      </Box>
      <Box style={{ flex: '1 1 140px', maxWidth: 240 }}>
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          data={Object.entries(statuses).map(([value, label]) => ({ value, label }))}
          value={search.get('status')}
          onChange={(value) => change('status', value)}
          styles={{ input: { height: 40 } }}
        />
      </Box>
    </Group>
  )
}

function NoneMatch() {
  const { clear } = useFilterChange()
  return (
    <Empty
      title="No schedule matches"
      action={
        <Button variant="default" onClick={clear}>
          Show all schedules
        </Button>
      }
    >
      Try another name, type or status.
    </Empty>
  )
}
