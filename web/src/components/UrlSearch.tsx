import { CloseButton, TextInput, type TextInputProps } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'

interface UrlSearchProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  label: string
  /** What the address says. */
  value: string
  /** Puts a text into the address, a moment after the last key. */
  onSearch: (text: string) => void
}

/** A search box whose text lives in the address. What is typed shows at once, whatever the address does meanwhile. */
export function UrlSearch({ value, onSearch, label, ...input }: UrlSearchProps) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState({ url: value, sent: value })
  // The address changed: by this box, or from outside (Back, a link, "Clear").
  if (known.url !== value) {
    if (value !== known.sent) setText(value)
    setKnown({ url: value, sent: value })
  }
  const send = useDebouncedCallback((next: string) => {
    setKnown((before) => ({ ...before, sent: next.trim() }))
    onSearch(next.trim())
  }, 200)
  const change = (next: string) => {
    setText(next)
    send(next)
  }
  return (
    <TextInput
      type="search"
      aria-label={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => change('')} /> : null}
      {...input}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}
