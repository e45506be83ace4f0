import { Page } from '../../components/Page'

export function Filters() {
  return <Page title="Filters">…</Page>
}
