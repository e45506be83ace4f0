import { Anchor, List, Text } from '@mantine/core'
import { Loaded } from '../../components/Loaded'
import { useAccount } from '../../session/Session'
import { useConfig } from './queries'

/** Which version this is, and where its other doors are. */
export function About() {
  const config = useConfig()
  const admin = useAccount()?.role === 'admin'
  return (
    <Loaded query={config}>
      {(about) => (
        <List spacing="xs" listStyleType="none">
          <List.Item>FossaWork Scheduler {about.version}</List.Item>
          <List.Item>
            Reads from{' '}
            <Anchor href={about.portal_url} rel="noreferrer" target="_blank" style={{ overflowWrap: 'anywhere' }}>
              {about.portal_url.replace(/^https?:\/\//, '')}
            </Anchor>
          </List.Item>
          <List.Item>
            For programs: <Anchor href="/docs">how to use the API</Anchor>, and its{' '}
            <Anchor href="/openapi.json">OpenAPI document</Anchor>
          </List.Item>
          {admin && about.temporal_ui_url && (
            <List.Item>
              For operators: the{' '}
              <Anchor href={about.temporal_ui_url} rel="noreferrer" target="_blank">
                Temporal UI
              </Anchor>
              {about.metrics_url && (
                <>
                  {' '}
                  and{' '}
                  <Anchor href={about.metrics_url} rel="noreferrer" target="_blank">
                    metrics
                  </Anchor>
                </>
              )}
              <Text size="sm" c="dimmed">
                Only from where those can be reached.
              </Text>
            </List.Item>
          )}
        </List>
      )}
    </Loaded>
  )
}
