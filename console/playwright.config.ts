import { defineConfig } from '@playwright/test'

/**
 * `kit` tries the parts on the gallery, without a server.
 * `shop` tries the console against a running shop at `ZHANGGUI_URL`.
 * `storefront` tries the shop's own pages there.
 */
const shop = process.env['ZHANGGUI_URL']
const gallery = 'http://127.0.0.1:4179'

export default defineConfig({
  testDir: './e2e',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
  projects: [
    { name: 'kit', testMatch: /kit\/.*\.spec\.ts/, use: { baseURL: gallery } },
    ...(shop ? [{ name: 'shop', testMatch: /shop\/.*\.spec\.ts/, use: { baseURL: shop } }] : []),
    ...(shop ? [{ name: 'storefront', testMatch: /storefront\/.*\.spec\.ts/, use: { baseURL: shop } }] : []),
  ],
  webServer: { command: 'npm run dev:mock', url: `${gallery}/admin/`, reuseExistingServer: true, timeout: 60_000 },
})
