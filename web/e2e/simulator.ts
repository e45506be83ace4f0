/** What the portal's simulator can be told to do wrong: see its README. */
export interface Faults {
  name:
    | 'http-500'
    | 'latency'
    | 'empty-list'
    | 'short-list'
    | 'hang'
    | 'reject-password'
    | 'connection-reset'
    | 'rename-class'
    | 'card-count-mismatch'
  value?: string
  account: string
  page?: 'login' | 'list' | 'location'
  next?: number
}
