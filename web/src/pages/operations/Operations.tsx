import { Page } from '../../components/Page'

export function Operations() {
  return <Page title="Operations">…</Page>
}
