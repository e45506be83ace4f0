import { Page } from '../../components/Page'

export function WorkOrders() {
  return <Page title="WorkOrders">…</Page>
}
