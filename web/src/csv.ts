// Tables as files for spreadsheets: RFC 4180, UTF-8 with a mark that makes Excel read it as such.

export type Cell = string | number | null | undefined

export interface Column<T> {
  name: string
  of: (row: T) => Cell
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers of ours stay numbers. */
function text(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}

function quoted(cell: Cell): string {
  const plain = text(cell)
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** The whole file: a line of names, then a line for each row. */
export function csv<T>(columns: Column<T>[], rows: readonly T[]): string {
  const lines = [
    columns.map((column) => quoted(column.name)),
    ...rows.map((row) => columns.map((column) => quoted(column.of(row)))),
  ]
  return `\uFEFF${lines.map((line) => `${line.join(',')}\r\n`).join('')}`
}
