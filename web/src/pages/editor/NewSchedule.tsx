import { Page } from '../../components/Page'

export function NewSchedule() {
  return <Page title="NewSchedule">…</Page>
}
