import { defineConfig } from '@playwright/test'
import tests from './playwright.config'

// Pictures of every page, light and dark, on a phone and on a desk, written to screenshots/: npm run screenshots, or make screenshots.
export default defineConfig(tests, { testMatch: 'screenshots.ts', timeout: 600_000 })
