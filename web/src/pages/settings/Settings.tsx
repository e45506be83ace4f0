import { Anchor, Stack, Text } from '@mantine/core'
import { Link } from 'react-router'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import { About } from './About'
import { Colors, Zone } from './Display'
import { Login } from './Login'
import { Section } from '../../components/Section'
import { Sessions } from './Sessions'

/** What a user can set for himself. */
export function Settings() {
  return (
    <Page title="Settings">
      <Stack gap="md" maw={760}>
        <Section id="workfossa" title="WorkFossa login">
          <Login />
        </Section>
        <Section id="display" title="Times and colors">
          <Zone />
          <Colors />
        </Section>
        <Section id="sessions" title="Where you are signed in">
          <Sessions />
        </Section>
        <Section id="notifications" title="Notifications">
          <Text>
            There are none yet: nothing is sent to you by e-mail or to your phone. What needs you stands at the top of{' '}
            <Anchor component={Link} to={paths.home()} inherit>
              Home
            </Anchor>
            , and every run that went wrong is under{' '}
            <Anchor component={Link} to={{ pathname: paths.runs(), search: '?outcome=problems' }} inherit>
              Runs
            </Anchor>
            .
          </Text>
        </Section>
        <Section id="about" title="About">
          <About />
        </Section>
      </Stack>
    </Page>
  )
}
