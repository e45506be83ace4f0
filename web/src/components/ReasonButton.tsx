import { Button, Tooltip, type ButtonProps } from '@mantine/core'
import type { MouseEventHandler } from 'react'

interface ReasonButtonProps extends ButtonProps {
  /** Why it cannot be used now; undefined when it can. */
  reason?: string
  onClick: MouseEventHandler<HTMLButtonElement>
}

/** A button that, while it cannot be used, can still be reached and says why. */
export function ReasonButton({ reason, onClick, ...button }: ReasonButtonProps) {
  return (
    <Tooltip label={reason} disabled={!reason} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...button}
        data-disabled={reason ? true : undefined}
        aria-disabled={reason ? true : undefined}
        onClick={(event) => {
          if (reason) event.preventDefault()
          else onClick(event)
        }}
      />
    </Tooltip>
  )
}
