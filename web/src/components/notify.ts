import { notifications } from '@mantine/notifications'

/** Says shortly that something was done. */
export const notify = (message: string) =>
  notifications.show({ message, color: 'teal', closeButtonProps: { 'aria-label': 'Close' } })
