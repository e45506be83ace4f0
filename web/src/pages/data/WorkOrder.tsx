import { Page } from '../../components/Page'

export function WorkOrder() {
  return <Page title="WorkOrder">…</Page>
}
