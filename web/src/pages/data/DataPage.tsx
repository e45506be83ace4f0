import { Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Page } from '../../components/Page'
import { paths } from '../../paths'
import classes from './data.module.css'

const tabs = [
  { part: 'work-orders', label: 'Work orders' },
  { part: 'dispensers', label: 'Dispensers' },
  { part: 'filters', label: 'Filters' },
] as const

interface DataPageProps {
  part: (typeof tabs)[number]['part']
  title: string
  actions?: ReactNode
  children: ReactNode
}

/** The frame of the three lists of collected data. */
export function DataPage({ part, title, actions, children }: DataPageProps) {
  return (
    <Page
      title={title}
      actions={
        actions && (
          <Group gap="xs" className={classes.screen}>
            {actions}
          </Group>
        )
      }
    >
      <nav aria-label="Collected data" className={`${classes.tabs} ${classes.screen}`}>
        {tabs.map((tab) => (
          <Link
            key={tab.part}
            to={paths.data(tab.part)}
            className={classes.tab}
            aria-current={tab.part === part ? 'page' : undefined}
          >
            {tab.label}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  )
}
