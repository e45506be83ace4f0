import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app.css'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/queries'
import { App } from './App'
import { theme, variables } from './theme'

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <Notifications position="bottom-right" mb={{ base: 64, sm: 0 }} />
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
