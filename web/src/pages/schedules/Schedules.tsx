import { Page } from '../../components/Page'

export function Schedules() {
  return <Page title="Schedules">…</Page>
}
