import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCloudOff, IconHandStop, IconKey, type TablerIcon } from '@tabler/icons-react'
import { Link, type To } from 'react-router'
import type { Schemas } from '../../api/client'
import { titles } from '../../components/counts'
import { paths } from '../../paths'

type Need = Schemas['Need']

interface Way {
  title: string
  icon: TablerIcon
  color: string
  button: string
  to: To
}

function wayOf(need: Need): Way {
  const what = need.schedule_type ? `${titles[need.schedule_type]}: ` : ''
  switch (need.kind) {
    case 'credentials':
      return {
        title: 'WorkFossa needs you to sign in',
        icon: IconKey,
        color: 'red',
        button: 'Sign in to WorkFossa',
        to: { pathname: paths.settings(), hash: '#workfossa' },
      }
    case 'held_result':
      return {
        title: `${what}a result is held for you`,
        icon: IconHandStop,
        color: 'orange',
        button: 'Look and decide',
        to: need.run_id ? paths.run(need.run_id) : paths.runs(),
      }
    case 'portal_down':
      // Nothing that the user could do: it waits and goes on by itself.
      return { title: 'WorkFossa does not answer', icon: IconCloudOff, color: 'yellow', button: 'See the runs', to: paths.runs() }
    case 'suspended':
      return {
        title: `${what}stopped after failures`,
        icon: IconAlertTriangle,
        color: 'red',
        button: 'See what fails',
        to: need.schedule_id ? paths.schedule(need.schedule_id) : paths.schedules(),
      }
  }
}

/** What waits for the user, most urgent first, each with the button that solves it. */
export function Needs({ needs }: { needs: Need[] }) {
  if (needs.length === 0) return null
  return (
    <Stack gap="sm" component="section" aria-labelledby="needs">
      <Title order={2} size="h4" id="needs">
        {needs.length === 1 ? 'One thing needs you' : `${needs.length} things need you`}
      </Title>
      {needs.map((need) => {
        const { title, icon: Icon, color, button, to } = wayOf(need)
        return (
          <Alert
            key={`${need.kind} ${need.run_id ?? need.schedule_id ?? ''}`}
            color={color}
            variant="light"
            icon={<Icon aria-hidden />}
            title={title}
          >
            <Group justify="space-between" gap="sm" align="center">
              <Text size="sm" flex="1 1 260px" style={{ overflowWrap: 'anywhere' }}>
                {need.message}
              </Text>
              <Button component={Link} to={to} size="md">
                {button}
              </Button>
            </Group>
          </Alert>
        )
      })}
    </Stack>
  )
}
