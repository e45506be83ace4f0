import { expect, test } from 'vitest'
import { csv, type Cell } from './csv'

const file = (...cells: Cell[]) =>
  csv(
    cells.map((cell, i) => ({ name: `c${i}`, of: () => cell })),
    [undefined],
  ).split('\r\n')[1]

test('begins with the mark of UTF-8 and ends every line with CR LF', () => {
  const columns = [
    { name: 'Site', of: (row: { site: string; n: number }) => row.site },
    { name: 'Number', of: (row: { n: number }) => row.n },
  ]
  expect(csv(columns, [{ site: 'Café', n: 1 }])).toBe('\uFEFFSite,Number\r\nCafé,1\r\n')
  expect(csv(columns, [])).toBe('\uFEFFSite,Number\r\n')
})

test('quotes what would break a line apart', () => {
  expect(file('a,b')).toBe('"a,b"')
  expect(file('say "hi"')).toBe('"say ""hi"""')
  expect(csv([{ name: 'x', of: () => 'two\nlines' }], [0])).toBe('\uFEFFx\r\n"two\nlines"\r\n')
  expect(file('plain', 'text')).toBe('plain,text')
})

test('no text becomes a formula', () => {
  expect(file('=1+1')).toBe("'=1+1")
  expect(file('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"')
  expect(file('+1', '-1', '@x', '\tx')).toBe("'+1,'-1,'@x,'\tx")
  expect(file('a=1')).toBe('a=1')
})

test('numbers stay numbers and nothing is empty', () => {
  expect(file(-3, 0, null, undefined, '')).toBe('-3,0,,,')
})
