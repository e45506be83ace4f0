import { Page } from '../../components/Page'

export function EditSchedule() {
  return <Page title="EditSchedule">…</Page>
}
