import {
  ActionIcon,
  AppShell,
  Group,
  Menu,
  NavLink,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import {
  IconCalendarTime,
  IconDatabase,
  IconHistory,
  IconHome,
  IconLogout,
  IconMoon,
  IconServerCog,
  IconSettings,
  IconSun,
  IconUserCircle,
  type TablerIcon,
} from '@tabler/icons-react'
import { Suspense } from 'react'
import { Link, matchPath, Outlet, useLocation } from 'react-router'
import { paths } from '../paths'
import { signOut, useAccount } from '../session/Session'
import { Boundary } from './Boundary'
import { ConnectionBanner } from './ConnectionBanner'
import classes from './Layout.module.css'

interface Place {
  label: string
  to: string
  icon: TablerIcon
  admin?: boolean
  /** Left out of the phone's bar, where it stands in the menu. */
  aside?: boolean
}

const places: Place[] = [
  { label: 'Home', to: paths.home(), icon: IconHome },
  { label: 'Schedules', to: paths.schedules(), icon: IconCalendarTime },
  { label: 'Runs', to: paths.runs(), icon: IconHistory },
  { label: 'Data', to: '/data', icon: IconDatabase },
  { label: 'Settings', to: paths.settings(), icon: IconSettings },
  { label: 'Operations', to: paths.operations(), icon: IconServerCog, admin: true, aside: true },
]

/** Where a phone's bar would stand in the way of the page's own. */
const forms = [paths.newSchedule(), '/schedules/:id/edit']

function usePlaces() {
  const account = useAccount()
  const { pathname } = useLocation()
  return places
    .filter((place) => !place.admin || account?.role === 'admin')
    .map((place) => ({ ...place, here: place.to === '/' ? pathname === '/' : pathname.startsWith(place.to) }))
}

/** What is around every page: the places to go, who is signed in, and whether the server answers. */
export function Layout() {
  const shown = usePlaces()
  const { pathname } = useLocation()
  const bar = !forms.some((form) => matchPath(form, pathname))
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 190, breakpoint: 'sm', collapsed: { mobile: true } }}
      footer={bar ? { height: { base: 58, sm: 0 } } : undefined}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className={classes.skip} href="#page">
        Skip to the page
      </a>
      <AppShell.Header px={{ base: 'sm', sm: 'lg' }}>
        <Group h="100%" justify="space-between" wrap="nowrap">
          <UnstyledButton component={Link} to={paths.home()}>
            <Group gap="xs" wrap="nowrap">
              <img src="/favicon.svg" alt="" width={26} height={26} />
              <Text fw={700}>FossaWork</Text>
            </Group>
          </UnstyledButton>
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Main" visibleFrom="sm">
        {shown.map(({ label, to, icon: Icon, here }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            leftSection={<Icon size={18} aria-hidden />}
            active={here}
            aria-current={here ? 'page' : undefined}
            className={classes.place}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="page">
        <ConnectionBanner />
        <div className={classes.page}>
          <Boundary address={pathname}>
            <Suspense fallback={<span />}>
              <Outlet />
            </Suspense>
          </Boundary>
        </div>
      </AppShell.Main>
      {bar && (
        <AppShell.Footer hiddenFrom="sm" component="nav" aria-label="Main, at the bottom">
          <Group h="100%" gap={0} wrap="nowrap" grow>
            {shown
              .filter((place) => !place.aside)
              .map(({ label, to, icon: Icon, here }) => (
                <UnstyledButton
                  key={to}
                  component={Link}
                  to={to}
                  className={classes.tab}
                  data-here={here || undefined}
                  aria-current={here ? 'page' : undefined}
                >
                  <Icon size={21} aria-hidden />
                  <span>{label}</span>
                </UnstyledButton>
              ))}
          </Group>
        </AppShell.Footer>
      )}
    </AppShell>
  )
}

function AccountMenu() {
  const account = useAccount()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" c="dimmed" visibleFrom="sm" truncate maw={260}>
        {account?.email}
      </Text>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account menu">
            <IconUserCircle size={24} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {account && <Menu.Label style={{ overflowWrap: 'anywhere' }}>{account.email}</Menu.Label>}
          <Menu.Item
            leftSection={dark ? <IconSun size={16} /> : <IconMoon size={16} />}
            onClick={() => setColorScheme(dark ? 'light' : 'dark')}
          >
            {dark ? 'Light colors' : 'Dark colors'}
          </Menu.Item>
          {account?.role === 'admin' && (
            <Menu.Item component={Link} to={paths.operations()} leftSection={<IconServerCog size={16} />}>
              Operations
            </Menu.Item>
          )}
          <Menu.Item component={Link} to={paths.settings()} leftSection={<IconSettings size={16} />}>
            Settings
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
