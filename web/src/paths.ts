// Every address of the UI. Pages build their links here and nowhere else.
export const paths = {
  home: () => '/',
  schedules: () => '/schedules',
  newSchedule: () => '/schedules/new',
  schedule: (id: number) => `/schedules/${id}`,
  editSchedule: (id: number) => `/schedules/${id}/edit`,
  runs: () => '/runs',
  run: (id: number) => `/runs/${id}`,
  data: (part: 'work-orders' | 'dispensers' | 'filters' = 'work-orders') => `/data/${part}`,
  workOrder: (id: string) => `/data/work-orders/${encodeURIComponent(id)}`,
  settings: () => '/settings',
  operations: () => '/operations',
}
