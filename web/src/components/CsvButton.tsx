import { ActionIcon, Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { csv, type Column } from '../csv'

interface CsvButtonProps<T> {
  /** What is in it, for the file's name: work-orders. */
  name: string
  /** Today, for the file's name. */
  date: string
  columns: Column<T>[]
  rows: readonly T[]
  /** What a row is, for the tooltip: "work orders". */
  things: string
}

/** Saves what is listed as a file for spreadsheets. */
export function CsvButton<T>({ name, date, columns, rows, things }: CsvButtonProps<T>) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([csv(columns, rows)], { type: 'text/csv;charset=utf-8' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${name}-${date}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  const empty = rows.length === 0
  const button = {
    variant: 'default',
    onClick: save,
    disabled: empty,
    title: empty ? `There are no ${things} to save` : `Saves the ${rows.length.toLocaleString()} ${things} listed now`,
  }
  return (
    <>
      <Button visibleFrom="xs" leftSection={<IconDownload size={16} aria-hidden />} {...button}>
        Download CSV
      </Button>
      <ActionIcon hiddenFrom="xs" size={42} aria-label="Download CSV" {...button}>
        <IconDownload size={20} aria-hidden />
      </ActionIcon>
    </>
  )
}
