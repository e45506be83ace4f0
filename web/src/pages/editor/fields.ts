import type { Form } from './form'

/** What every part of the editor gets: what is typed, how to change it, and what is wrong by name of the field. */
export interface Fields {
  form: Form
  set: (change: Partial<Form>) => void
  errors: Record<string, string>
}

/** Goes to the first field that is wrong, in the order of the page. */
export function focusWrong(root: HTMLElement | null, errors: Record<string, string>) {
  for (const place of root?.querySelectorAll<HTMLElement>('[data-field]') ?? []) {
    if (errors[place.dataset.field ?? ''] === undefined) continue
    const control = place.matches('input, button, select, textarea')
      ? place
      : place.querySelector<HTMLElement>('input:not([type=hidden]), button, select, textarea, [tabindex="0"]')
    if (!control) continue
    control.focus()
    control.scrollIntoView({ block: 'center' })
    return
  }
}
