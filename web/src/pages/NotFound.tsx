import { Anchor } from '@mantine/core'
import { Link } from 'react-router'
import { Empty } from '../components/Empty'
import { Page } from '../components/Page'
import { paths } from '../paths'

export function NotFound() {
  return (
    <Page title="Nothing here">
      <Empty
        title="There is no page at this address"
        action={
          <Anchor component={Link} to={paths.home()}>
            Go to the start page
          </Anchor>
        }
      >
        It may have been deleted, or the address has a slip in it.
      </Empty>
    </Page>
  )
}
