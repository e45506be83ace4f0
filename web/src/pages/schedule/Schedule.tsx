import { Page } from '../../components/Page'

export function Schedule() {
  return <Page title="Schedule">…</Page>
}
