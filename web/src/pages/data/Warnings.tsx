import { Accordion, Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { Link } from 'react-router'
import { count, sayWord } from '../../outcomes'
import { paths } from '../../paths'
import classes from './data.module.css'
import type { WarningGroup } from './needs'

const names: Record<string, string> = {
  missing_data: 'Something is missing',
  unknown_chain: 'Customer of no known chain',
  unknown_grade: 'Fuel grade not known',
  instructions: 'Instructions are not clear',
  filter_change: 'Order does not ask for filters',
  multi_day: 'Orders over several days',
  validation: 'Cannot be read',
  info: 'Good to know',
}

/** Up to so many order numbers stand behind a sentence. */
const most = 6

/** What the count left out or assumed, by kind. */
export function Warnings({ groups, ids }: { groups: WarningGroup[]; ids: ReadonlyMap<string, string> }) {
  if (groups.length === 0) return null
  return (
    <Stack gap="sm" className={classes.screen}>
      <Title order={2} size="h4">
        What to check
      </Title>
      <Accordion variant="contained" multiple order={3}>
        {groups.map((group) => {
          const grave = group.severity >= 5
          const Icon = grave ? IconAlertTriangle : IconInfoCircle
          return (
            <Accordion.Item key={group.type} value={group.type}>
              <Accordion.Control
                icon={<Icon size={18} aria-hidden color={`var(--mantine-color-${grave ? 'orange' : 'gray'}-text)`} />}
              >
                <Group gap="xs" wrap="nowrap">
                  <Text size="sm" fw={600} style={{ minWidth: 0 }}>
                    {names[group.type] ?? sayWord(group.type)}
                  </Text>
                  {group.jobs > 0 && (
                    <Badge variant="light" color={grave ? 'orange' : 'gray'} tt="none" style={{ flex: 'none' }}>
                      {count(group.jobs, 'order')}
                    </Badge>
                  )}
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <Stack gap="sm">
                  {group.messages.map((each) => (
                    <div key={each.message} className={classes.anywhere}>
                      <Text size="sm">{each.message}</Text>
                      <Text size="xs" c="dimmed">
                        {each.suggestions.map((suggestion) => `${suggestion}. `)}
                        {each.jobs.length > 0 && (each.jobs.length === 1 ? 'Order ' : 'Orders ')}
                        {each.jobs.slice(0, most).map((job, i) => (
                          <span key={`${job} ${i}`}>
                            {i > 0 && ', '}
                            <OrderLink job={job} id={ids.get(job)} />
                          </span>
                        ))}
                        {each.jobs.length > most && ` and ${each.jobs.length - most} more`}
                      </Text>
                    </div>
                  ))}
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          )
        })}
      </Accordion>
    </Stack>
  )
}

const OrderLink = ({ job, id }: { job: string; id: string | undefined }) =>
  id ? (
    <Anchor component={Link} to={paths.workOrder(id)} inherit underline="always">
      {job}
    </Anchor>
  ) : (
    job
  )
