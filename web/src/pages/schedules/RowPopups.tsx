import { Anchor, Menu, Popover, Stack, Text } from '@mantine/core'
import { IconEdit, IconPlayerPause, IconPlayerSkipForward, IconTrash } from '@tabler/icons-react'
import { memo, useCallback, useImperativeHandle, useState, type Ref } from 'react'
import { Link } from 'react-router'
import { ProblemError, sentence } from '../../api/errors'
import { notify } from '../../components/notify'
import { paths } from '../../paths'
import { useRunNow, type BulkAction } from './queries'
import type { Ask, Pressed } from './RowActions'

/** Lets a popup stand at an element that is there already. */
function At({ element, ref }: { element: HTMLElement | undefined; ref?: Ref<HTMLElement | null> }) {
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => element ?? null, [element])
  return null
}

interface Opened {
  opened: boolean
  onClose: () => void
  at: Pressed | undefined
}

/** The menu of the row whose button was pressed. */
export const RowMenu = memo(function RowMenu({ opened, onClose, at, onAsk }: Opened & { onAsk: (ask: Ask) => void }) {
  const ask = (action: BulkAction) => at && onAsk({ action, ids: [at.schedule.id], only: at })
  return (
    <Menu position="bottom-end" withArrow opened={opened} onClose={onClose}>
      <Menu.Target>
        <At element={at?.button} />
      </Menu.Target>
      <Menu.Dropdown aria-label={at && `More for ${at.name}`} aria-labelledby={undefined}>
        {at && (
          <>
            <Menu.Item component={Link} to={paths.editSchedule(at.schedule.id)} leftSection={<IconEdit size={16} aria-hidden />}>
              Edit
            </Menu.Item>
            {at.schedule.enabled ? (
              <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => ask('pause')}>
                Pause
              </Menu.Item>
            ) : (
              <Menu.Item leftSection={<IconPlayerSkipForward size={16} aria-hidden />} onClick={() => ask('resume')}>
                Resume
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => ask('delete')}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
})

interface Refused extends Pressed {
  error: Error
}

/** Says why a run was not started, at the button that was to start it. */
export const RunRefused = memo(function RunRefused({ opened, onClose, at }: Opened & { at: Refused | undefined }) {
  return (
    <Popover opened={opened} onClose={onClose} onDismiss={onClose} width={280} withArrow position="bottom-end" trapFocus={false}>
      <Popover.Target>
        <At element={at?.button} />
      </Popover.Target>
      <Popover.Dropdown role="alert" aria-label={at && `${at.name} was not started`} aria-labelledby={undefined}>
        {at && (
          <Stack gap={6}>
            <Text size="sm">{sentence(at.error)}</Text>
            {at.error instanceof ProblemError && at.error.runId !== undefined && (
              <Anchor component={Link} to={paths.run(at.error.runId)} size="sm">
                See the run that is going
              </Anchor>
            )}
          </Stack>
        )}
      </Popover.Dropdown>
    </Popover>
  )
})

/** What is open stays known while it fades away. */
export function usePopup<T>() {
  const [at, setAt] = useState<T>()
  const [opened, setOpened] = useState(false)
  const open = useCallback((what?: T) => {
    if (what) setAt(what)
    setOpened(what !== undefined)
  }, [])
  const onClose = useCallback(() => setOpened(false), [])
  return { at, opened, open, onClose }
}

/** Starts runs from rows, several at a time if need be. */
export function useStart() {
  const [starting, setStarting] = useState<ReadonlySet<number>>(new Set())
  const { open, ...refused } = usePopup<Refused>()
  const { mutateAsync } = useRunNow()
  const start = useCallback(
    (pressed: Pressed) => {
      const { id } = pressed.schedule
      setStarting((before) => new Set(before).add(id))
      mutateAsync(id)
        .then(
          () => notify(`${pressed.name} is running now.`),
          (error: Error) => open({ ...pressed, error }),
        )
        .finally(() => setStarting((before) => new Set([...before].filter((each) => each !== id))))
    },
    [mutateAsync, open],
  )
  return { start, starting, refused }
}
