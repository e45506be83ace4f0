import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Browsers that know light-dark(): what stands in for it in older ones breaks inside custom properties.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // Every file in assets/ carries a hash of its content in its name, so that it may be kept for ever.
    assetsDir: 'assets',
    assetsInlineLimit: 0, // the page's policy allows no data: scripts or fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/healthz', '/readyz', '/docs', '/openapi.json'].map((path) => [
        path,
        process.env.FOSSAWORK_API ?? 'http://127.0.0.1:8000',
      ]),
    ),
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    env: { TZ: 'America/Chicago' },
  },
})
