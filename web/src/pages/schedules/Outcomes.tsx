import { Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core'
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { useJobTypes } from '../../api/queries'
import { paths } from '../../paths'
import { nameOf } from './status'

type Item = Schemas['BulkItem']
type Result = Item['result']

const signs = {
  done: { Icon: IconCheck, colour: 'teal' },
  unchanged: { Icon: IconMinus, colour: 'gray' },
  failed: { Icon: IconX, colour: 'red' },
}

interface OutcomesProps {
  items: Item[]
  titles: Record<Result, string>
}

/** Every schedule of a change, by what becomes of it; what fails comes first. */
export function Outcomes({ items, titles }: OutcomesProps) {
  return (
    <Stack gap="sm">
      {(['failed', 'done', 'unchanged'] as const).map((result) => {
        const those = items.filter((item) => item.result === result)
        return those.length > 0 && <OutcomeList key={result} result={result} title={titles[result]} items={those} />
      })}
    </Stack>
  )
}

/** A list of up to thousands; only what is in view exists. */
function OutcomeList({ result, title, items }: { result: Result; title: string; items: Item[] }) {
  const { Icon, colour } = signs[result]
  const box = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => 32,
    overscan: 10,
    initialRect: { width: 400, height: 200 },
  })
  const types = new Map(useJobTypes().data?.map((type) => [type.type as string, type.title]))
  return (
    <div>
      <Group gap={8} mb={4}>
        <Title order={3} size="sm">
          {title}
        </Title>
        <Badge variant="light" color={colour} leftSection={<Icon size={12} aria-hidden />}>
          {items.length.toLocaleString()}
        </Badge>
      </Group>
      <div
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={title}
        style={{
          maxHeight: 190,
          overflowY: 'auto',
          border: '1px solid var(--mantine-color-default-border)',
          borderRadius: 'var(--mantine-radius-sm)',
        }}
      >
        <div role="list" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index]
            if (!item) return null
            const title = types.get(item.schedule_type ?? '')
            return (
              <div
                key={item.id}
                role="listitem"
                aria-setsize={items.length}
                aria-posinset={row.index + 1}
                data-index={row.index}
                ref={virtual.measureElement}
                style={{
                  position: 'absolute',
                  insetInline: 0,
                  top: 0,
                  transform: `translateY(${row.start}px)`,
                  padding: '5px 10px',
                }}
              >
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {item.name === null
                    ? `Schedule ${item.id}`
                    : nameOf({ name: item.name, schedule_type: item.schedule_type as never }, title)}
                  {title && title !== item.name && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      {title}
                    </Text>
                  )}
                </Text>
                {item.message && (
                  <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    {item.message}
                  </Text>
                )}
                {item.run_id !== null && (
                  <Anchor component={Link} to={paths.run(item.run_id)} size="xs">
                    See the run
                  </Anchor>
                )}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
