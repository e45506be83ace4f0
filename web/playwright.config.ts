import { defineConfig } from '@playwright/test'
import { chromium } from './e2e/chromium'

// The whole system: the real API, workers, Temporal, PostgreSQL and the portal's simulator, started by e2e/stack.ts.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // All tests share one stack; each has accounts of its own, so that they do not meet.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    launchOptions: {
      executablePath: chromium(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    },
    locale: 'en-US',
    timezoneId: 'America/Chicago',
    actionTimeout: 60_000,
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'off',
  },
})
