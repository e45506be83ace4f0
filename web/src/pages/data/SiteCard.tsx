import { Anchor, Badge, Collapse, Group, Paper, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Link } from 'react-router'
import { icons } from '../../components/OutcomeBadge'
import { Time } from '../../components/Time'
import { colours, count } from '../../outcomes'
import { paths } from '../../paths'
import classes from './data.module.css'
import { DispenserTable } from './DispenserTable'
import { locationOf, portalLink } from './portal'
import { ReadNow } from './ReadNow'
import { groups, type Site } from './sites'

interface SiteCardProps {
  site: Site
  open: boolean
  onToggle: () => void
  zone?: string
  base: string | undefined
}

/** A site: how many dispensers, how it was read last; opened, all of them, its orders, and a button to read it now. */
export function SiteCard({ site, open, onToggle, zone, base }: SiteCardProps) {
  const group = groups[site.group]
  const Icon = icons[group.tone]
  const Chevron = open ? IconChevronDown : IconChevronRight
  const body = `site-${site.key}`
  const link = portalLink(site.customerUrl, base)
  return (
    <Paper withBorder>
      <UnstyledButton onClick={onToggle} aria-expanded={open} aria-controls={body} p="sm" w="100%">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Chevron size={18} aria-hidden style={{ flex: 'none', marginTop: 3 }} />
          <Group justify="space-between" gap={6} style={{ flex: 1, minWidth: 0 }}>
            <div style={{ minWidth: 0 }}>
              <Text fw={600} className={classes.anywhere}>
                {site.label}
              </Text>
              <Text size="sm" c="dimmed" className={classes.anywhere}>
                {[site.street, site.city].filter(Boolean).join(', ') || 'No address'}
              </Text>
            </div>
            <Group gap="sm">
              {site.dispensers.length > 0 && <Text size="sm">{count(site.dispensers.length, 'dispenser')}</Text>}
              {site.group !== 'read' && (
                <Badge
                  variant="light"
                  tt="none"
                  fw={600}
                  color={colours[group.tone]}
                  leftSection={<Icon size={13} aria-hidden />}
                >
                  {group.label}
                </Badge>
              )}
            </Group>
          </Group>
        </Group>
      </UnstyledButton>
      <Collapse expanded={open} id={body} transitionDuration={0}>
        {open && (
          <Stack gap="sm" px="sm" pb="sm">
            {site.message && <Text size="sm">{site.message}</Text>}
            {site.dispensers.length > 0 ? (
              <DispenserTable dispensers={site.dispensers} label={`Dispensers of ${site.label}`} />
            ) : (
              !site.message && (
                <Text size="sm" c="dimmed">
                  {group.hint}
                </Text>
              )
            )}
            <Text size="sm" c="dimmed">
              {site.readAt ? (
                <>
                  Last read <Time at={site.readAt} zone={zone} relative />.{' '}
                </>
              ) : (
                site.dispensers.length > 0 && 'When it was read is not among the newest runs. '
              )}
              {site.orders.length === 1 ? 'Order ' : 'Orders '}
              {site.orders.map((order, i) => (
                <span key={order.id}>
                  {i > 0 && ', '}
                  <Anchor component={Link} to={paths.workOrder(order.id)} inherit underline="always">
                    {order.external_id ?? 'without a number'}
                  </Anchor>
                </span>
              ))}
              {link && (
                <>
                  {' · '}
                  <Anchor href={link} target="_blank" rel="noopener noreferrer" inherit underline="always">
                    Open the site at WorkFossa
                  </Anchor>
                </>
              )}
            </Text>
            <ReadNow
              order={site.orders[0]?.id ?? ''}
              site={site.label}
              zone={zone}
              not={locationOf(site.customerUrl) ? undefined : 'WorkFossa does not say which site this is.'}
            />
          </Stack>
        )}
      </Collapse>
    </Paper>
  )
}
