import { Page } from '../../components/Page'

export function Dispensers() {
  return <Page title="Dispensers">…</Page>
}
