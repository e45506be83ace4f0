import { ActionIcon, Group } from '@mantine/core'
import { IconBuildingStore, IconExternalLink, IconMapPin } from '@tabler/icons-react'
import { mapLink, portalLink } from './portal'
import { siteLabel, type Order } from './words'

interface OrderLinksProps {
  order: Pick<Order, 'visit_url' | 'customer_url' | 'street' | 'city_state' | 'site_name' | 'store_number'>
  base: string | undefined
  size?: number
}

/** The ways out: the visit and the site at WorkFossa, the address on a map. Each opens in a new tab. Plain titles: tooltips of the library would slow a long list. */
export function OrderLinks({ order, base, size = 34 }: OrderLinksProps) {
  const at = siteLabel(order.site_name, order.store_number)
  const links = [
    {
      label: 'Open the visit at WorkFossa',
      href: portalLink(order.visit_url, base),
      none: 'WorkFossa shows no visit',
      icon: IconExternalLink,
    },
    {
      label: 'Open the site at WorkFossa',
      href: portalLink(order.customer_url, base),
      none: 'WorkFossa names no site',
      icon: IconBuildingStore,
    },
    { label: 'Show on a map', href: mapLink([order.street, order.city_state]), none: 'No address', icon: IconMapPin },
  ]
  return (
    <Group gap={2} wrap="nowrap">
      {links.map(({ label, href, none, icon: Icon }) =>
        href ? (
          <ActionIcon
            key={label}
            component="a"
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            variant="subtle"
            size={size}
            title={label}
            aria-label={`${label}: ${at}`}
          >
            <Icon size={18} aria-hidden />
          </ActionIcon>
        ) : (
          <ActionIcon
            key={label}
            variant="subtle"
            color="gray"
            size={size}
            data-disabled
            aria-disabled
            title={none}
            aria-label={`${none}: ${at}`}
          >
            <Icon size={18} aria-hidden />
          </ActionIcon>
        ),
      )}
    </Group>
  )
}
