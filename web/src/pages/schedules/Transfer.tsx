import { ActionIcon, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDotsVertical, IconFileDownload, IconFileUpload } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { sentence } from '../../api/errors'
import { useExport } from './queries'

const ImportDialog = lazy(() => import('./ImportDialog'))

/** The menu for what is done with all schedules at once: taking them away as a file and bringing them back. */
export function Transfer() {
  const save = useExport()
  const [importing, setImporting] = useState(false)
  const download = () =>
    save.mutate(undefined, {
      onSuccess(file) {
        const link = document.createElement('a')
        link.href = URL.createObjectURL(file as unknown as Blob)
        link.download = 'schedules.yaml'
        link.click()
        URL.revokeObjectURL(link.href)
      },
      onError: (error) =>
        notifications.show({
          title: 'Not exported',
          message: sentence(error),
          color: 'red',
          closeButtonProps: { 'aria-label': 'Close' },
        }),
    })
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size={40} aria-label="Export and import" loading={save.isPending}>
            <IconDotsVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFileDownload size={16} aria-hidden />} onClick={download}>
            Export all as YAML
          </Menu.Item>
          <Menu.Item leftSection={<IconFileUpload size={16} aria-hidden />} onClick={() => setImporting(true)}>
            Import …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {importing && (
        <Suspense>
          <ImportDialog onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </>
  )
}
