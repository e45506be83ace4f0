import { Button, Group, Image, Modal, SimpleGrid, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { Schemas } from '../../api/client'
import { ErrorNote } from '../../components/ErrorNote'
import { Time } from '../../components/Time'
import { useDownload, usePicture } from './queries'

type File = Schemas['EvidenceFile']

const isPicture = (file: File) => file.content_type.startsWith('image/')

/** 501 bytes, 12 kB, 1.4 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

const words: [RegExp, string][] = [
  [/about\.json$/, 'About the page'],
  [/console\.json$/, 'Console of the page'],
  [/network\.json$/, 'Network requests'],
  [/page\.html$/, 'Elements of the page'],
  [/screenshot\./, 'Picture'],
]
const said = (file: File) => words.find(([pattern]) => pattern.test(file.name))?.[1] ?? file.name

/** What the portal's page was like: pictures to look at, other files to download. */
export function Evidence({ id, files, zone }: { id: number; files: File[]; zone: string }) {
  const download = useDownload(id)
  const others = files.filter((file) => !isPicture(file))
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {files.filter(isPicture).map((file) => (
          <Picture key={file.name} id={id} file={file} zone={zone} />
        ))}
      </SimpleGrid>
      {others.length > 0 && (
        <Group gap="xs">
          {others.map((file) => (
            <Button
              key={file.name}
              variant="default"
              title={file.name}
              leftSection={<IconDownload size={16} aria-hidden />}
              loading={download.isPending && download.variables === file.name}
              onClick={() => download.mutate(file.name)}
            >
              {said(file)} ({size(file.size)})
            </Button>
          ))}
        </Group>
      )}
      {download.isError && <ErrorNote error={download.error} title="The file could not be downloaded" />}
    </Stack>
  )
}

/** The address of a blob, as long as it is on screen. */
function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!blob) return
    const made = URL.createObjectURL(blob)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the address must be given back, so that it is made here
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url
}

function Picture({ id, file, zone }: { id: number; file: File; zone: string }) {
  const [large, setLarge] = useState(false)
  const picture = usePicture(id, file.name)
  const url = useObjectUrl(picture.data)
  const download = useDownload(id)
  const title = `The portal’s page, attempt ${file.attempt}`
  if (picture.isError)
    return <ErrorNote error={picture.error} title="The picture could not be loaded" retry={() => void picture.refetch()} />
  if (!url) return <Skeleton h={170} />
  return (
    <div>
      <UnstyledButton onClick={() => setLarge(true)} aria-label={`Enlarge: ${title}`} w="100%">
        <Image
          src={url}
          alt=""
          h={170}
          fit="cover"
          radius="sm"
          style={{ objectPosition: 'top', border: '1px solid var(--mantine-color-default-border)' }}
        />
      </UnstyledButton>
      <Text size="xs" c="dimmed">
        {title}, <Time at={file.taken_at} zone={zone} seconds bare />
      </Text>
      <Modal opened={large} onClose={() => setLarge(false)} title={title} size="90rem">
        <Stack gap="sm">
          <Image src={url} alt={`What the portal showed at attempt ${file.attempt}`} fit="contain" />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {size(file.size)}
            </Text>
            <Button
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              loading={download.isPending}
              onClick={() => download.mutate(file.name)}
            >
              Download picture
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  )
}
