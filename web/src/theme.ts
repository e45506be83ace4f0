import { createTheme, type CSSVariablesResolver } from '@mantine/core'

export const theme = createTheme({
  primaryColor: 'cyan',
  // Dark enough for white text on it to reach AA, in both schemes.
  primaryShade: 9,
  autoContrast: false,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '650' },
  components: {
    Table: { defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, centered: true } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
})

// The library's light tones fall short of AA on their own tinted ground; these reach it.
const onLight = {
  teal: '#076a4d',
  yellow: '#7a4300',
  orange: '#9c3500',
  red: '#b02525',
  gray: '#495057',
  blue: '#155fa8',
  cyan: '#0b6577',
  violet: '#5f3dc4',
}
const onDark = {
  teal: '#63e6be',
  yellow: '#ffe066',
  orange: '#ffc078',
  red: '#ffa8a8',
  gray: '#ced4da',
  blue: '#a5d8ff',
  cyan: '#99e9f2',
  violet: '#d0bfff',
}

const tinted = (shades: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(shades).flatMap(([name, value]) => [
      [`--mantine-color-${name}-light-color`, value],
      [`--mantine-color-${name}-text`, value],
    ]),
  )

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#545c64',
    '--mantine-color-placeholder': '#6b737a',
    '--mantine-color-error': '#b02525',
    '--mantine-color-anchor': '#0b6577',
    ...tinted(onLight),
  },
  dark: {
    '--mantine-color-dimmed': '#b4bac0',
    '--mantine-color-placeholder': '#9aa1a8',
    '--mantine-color-error': '#ffa8a8',
    '--mantine-color-anchor': '#66d9e8',
    ...tinted(onDark),
  },
})
