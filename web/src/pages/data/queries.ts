// What the data pages ask of the server.
import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { answer, http, type Schemas } from '../../api/client'
import { calm, keys, live } from '../../api/queries'
import { isNotFound } from '../../api/errors'
import { isComplete, mergeReadings, type SiteRun } from './sites'
import type { Order, Status } from './words'

export type JobType = Schemas['HomeJob']['schedule_type']

const listKey = [...keys.data, 'work-orders'] as const
const orderKey = (id: string) => [...keys.data, 'work-order', id] as const

const going = (run: Schemas['HomeJob']['latest_run'] | undefined) => !!run && run.completed_at === null

export const useConfig = () =>
  useQuery({
    queryKey: keys.config,
    queryFn: ({ signal }) => answer(http.GET('/api/config', { signal })),
    refetchInterval: false,
    staleTime: Infinity,
  })

const homeOptions = {
  queryKey: keys.home,
  queryFn: ({ signal }: { signal: AbortSignal }) => answer(http.GET('/api/home', { signal })),
}

/** How fresh each job's data is. */
export const useHome = () =>
  useQuery({
    ...homeOptions,
    refetchInterval: (query) => (query.state.data?.jobs.some((job) => going(job.latest_run)) ? live : calm),
  })

export function useJob(type: JobType) {
  const home = useHome()
  const job = home.data?.jobs.find((each) => each.schedule_type === type)
  return { home, job, running: going(job?.latest_run), zone: job?.schedules[0]?.timezone }
}

/** What changes when stored data changes: asking for a few bytes often saves asking for a thousand orders often. */
function useStamp(...types: JobType[]) {
  const home = useQuery(homeOptions)
  const stamp = home.data?.jobs.filter((job) => types.includes(job.schedule_type)).map((job) => job.data_at ?? '')
  return { stamp: stamp?.join() ?? '', ready: !home.isPending }
}

const pageSize = 500

async function allOrders(removed: boolean, signal: AbortSignal): Promise<Order[]> {
  const orders: Order[] = []
  for (;;) {
    const query = { limit: pageSize, skip: orders.length, include_removed: removed }
    const page = await answer(http.GET('/api/v1/work-orders', { params: { query }, signal }))
    orders.push(...page)
    if (page.length < pageSize) return orders
  }
}

/** Every order with its dispensers; asked for again when a run has stored something. */
export function useOrders(removed = false) {
  const { stamp, ready } = useStamp('work_orders', 'dispensers')
  return useQuery({
    queryKey: [...listKey, { removed, stamp }],
    queryFn: ({ signal }) => allOrders(removed, signal),
    enabled: ready,
    placeholderData: keepPreviousData,
    refetchInterval: 10 * calm,
    staleTime: 2 * calm,
    gcTime: 4 * calm, // answers with older stamps
  })
}

export function useOrder(id: string) {
  return useQuery({
    queryKey: orderKey(id),
    queryFn: ({ signal }) => answer(http.GET('/api/v1/work-orders/{id}', { params: { path: { id } }, signal })),
  })
}

export const useOrderChanges = (id: string) =>
  useQuery({
    queryKey: [...orderKey(id), 'changes'],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/work-orders/{id}/changes', { params: { path: { id }, query: { limit: 200 } }, signal })),
  })

/** Puts a status into every kept answer that has the order. */
function putStatus(client: QueryClient, id: string, status: Status) {
  client.setQueriesData<Order[]>({ queryKey: listKey }, (orders) =>
    orders?.map((order) => (order.id === id ? { ...order, status } : order)),
  )
  client.setQueryData<Schemas['WorkOrderDetail']>(orderKey(id), (order) => order && { ...order, status })
}

/** Changes our status of an order: shown at once, taken back when the server refuses. */
export function useSetStatus(id: string, before: Status) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (status: Status) =>
      answer(http.PATCH('/api/v1/work-orders/{id}/status', { params: { path: { id } }, body: { status } })),
    async onMutate(status) {
      await client.cancelQueries({ queryKey: keys.data })
      putStatus(client, id, status)
    },
    onError: () => putStatus(client, id, before),
    onSettled: () => client.invalidateQueries({ queryKey: orderKey(id), exact: true }),
  })
}

const touched = (client: QueryClient) =>
  Promise.all([keys.home, keys.runs, keys.schedules, keys.data].map((queryKey) => client.invalidateQueries({ queryKey })))

/** Starts a run of a job: of work orders, of the sites that have no dispensers yet, or of the first schedule for filters. */
export function useCollect(type: JobType, schedule: number | undefined) {
  const client = useQueryClient()
  return useMutation({
    async mutationFn(): Promise<string> {
      if (type === 'work_orders') return (await answer(http.POST('/api/v1/work-orders/scrape'))).message
      if (type === 'dispensers') return (await answer(http.POST('/api/v1/work-orders/scrape-dispensers-batch'))).message
      if (schedule === undefined) throw new Error('no schedule for filters')
      return (await answer(http.POST('/api/scraping-schedules/{id}/run', { params: { path: { id: schedule } } }))).message
    },
    onSettled: () => touched(client),
  })
}

export function useReadDispensers(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () =>
      answer(
        http.POST('/api/v1/work-orders/{id}/scrape-dispensers', { params: { path: { id }, query: { force_refresh: true } } }),
      ),
    onSettled: () => touched(client),
  })
}

/** How far the reading of an order's dispensers is; asked for while somebody waits. */
export function useReading(id: string, wanted: boolean) {
  return useQuery({
    queryKey: [...orderKey(id), 'reading'],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/work-orders/{id}/scrape-dispensers/progress', { params: { path: { id } }, signal })),
    enabled: wanted,
    refetchInterval: (query) => (query.state.data?.status === 'in_progress' ? live : calm),
  })
}

/** So many runs are looked at for when a site was read last; each run reads only the sites that are due, or one that somebody asked for. */
const furthest = 25

/**
 * What the newest runs for dispensers made of each site, back to where every wanted site (the portal's numbers) was really read. Runs that
 * have ended never change, so each of those is asked for once.
 */
export function useSiteReadings(wanted: ReadonlySet<string>) {
  const { job, running } = useJob('dispensers')
  const client = useQueryClient()
  const latest = job?.latest_run
  return useQuery({
    queryKey: [...keys.data, 'site-readings', latest?.id ?? 0, latest?.completed_at ?? '', wanted.size],
    enabled: !!latest && wanted.size > 0,
    placeholderData: keepPreviousData,
    refetchInterval: running ? 3 * live : false,
    staleTime: running ? 0 : Infinity,
    async queryFn({ signal }) {
      const sitesOf = (id: number): Promise<SiteRun[]> =>
        answer(http.GET('/api/runs/{id}/sites', { params: { path: { id } }, signal }))
      if (!latest) return mergeReadings([])
      const lists = [await sitesOf(latest.id)]
      const query = { schedule_type: 'dispensers', limit: furthest }
      const { runs } = await answer(http.GET('/api/runs', { params: { query }, signal }))
      for (const run of runs) {
        if (run.id >= latest.id || run.completed_at === null) continue
        if (isComplete(mergeReadings(lists), wanted)) break
        const queryKey = [...keys.run(run.id), 'sites']
        lists.push(await client.fetchQuery({ queryKey, queryFn: () => sitesOf(run.id), staleTime: Infinity }))
      }
      return mergeReadings(lists)
    },
  })
}

/** What the schedules for filters counted last; null when none has run. */
export function useStoredFilters() {
  const { stamp, ready } = useStamp('filters')
  return useQuery({
    queryKey: [...keys.data, 'filters', stamp],
    enabled: ready,
    placeholderData: keepPreviousData,
    async queryFn({ signal }) {
      try {
        return await answer(http.GET('/api/v1/filters', { signal }))
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
  })
}

/** Counts filters for what is sent; nothing is stored. */
export const useCounted = (input: Schemas['FiltersInputBody'] | undefined, stamp: number) =>
  useQuery({
    queryKey: [...keys.data, 'filters-counted', stamp],
    enabled: input !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: false,
    queryFn: ({ signal }) => answer(http.POST('/api/v1/filters/calculate', { body: input ?? { workOrders: [] }, signal })),
  })

/** How many filters are in a box, by part number. */
export const useBoxSizes = () =>
  useQuery({
    queryKey: [...keys.data, 'filter-rules'],
    queryFn: ({ signal }) => answer(http.GET('/api/v1/filters/config', { signal })),
    refetchInterval: false,
    staleTime: Infinity,
    select: (rules) => Object.fromEntries(Object.entries(rules.parts).map(([part, { box_size }]) => [part, box_size])),
  })
