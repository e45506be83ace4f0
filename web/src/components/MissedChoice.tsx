import { Radio, Stack } from '@mantine/core'

export type Missed = 'none' | 'last'

interface MissedChoiceProps {
  value: Missed
  onChange: (value: Missed) => void
}

/** Asked when something paused goes on: what becomes of the slots that passed. One run brings the present state, so "all of them" is the same as one. */
export function MissedChoice({ value, onChange }: MissedChoiceProps) {
  return (
    <Radio.Group label="Runs missed while it was paused" value={value} onChange={(chosen) => onChange(chosen as Missed)}>
      <Stack gap="xs" mt="xs">
        <Radio value="none" label="Leave them out" description="It goes on with the next planned run." />
        <Radio
          value="last"
          label="Make up for them with one run now"
          description="One run brings everything up to date, however many were missed."
        />
      </Stack>
    </Radio.Group>
  )
}
