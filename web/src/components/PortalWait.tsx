import { Progress, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'

/** What is going on while a login waits for the portal. Readers hear each sentence once; the seconds are for the eye. */
export function PortalWait({ since }: { since: number | undefined }) {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!since) return
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - since) / 1000)), 500)
    return () => {
      clearInterval(timer)
      setSeconds(0)
    }
  }, [since])
  return (
    <Stack gap={6} role="status" aria-live="polite">
      {since && (
        <>
          <Progress value={100} size="sm" animated aria-hidden />
          <Text size="sm" c="dimmed">
            {sentence(seconds)}
            {seconds >= 4 && <span aria-hidden> {seconds} s.</span>}
          </Text>
        </>
      )}
    </Stack>
  )
}

function sentence(seconds: number): string {
  if (seconds < 4) return 'Checking with WorkFossa …'
  if (seconds < 20) return 'Checking with WorkFossa: the portal is opened in a browser, which takes some seconds.'
  return 'Still checking: the portal is slow. This ends by itself after a minute and a half.'
}
