import { defineConfig } from '@playwright/test'
import { SHOP } from './e2e/shop.ts'

/**
 * `kit` tries the parts on the gallery, without a server.
 * `shop` tries the pages against the real binary (`ZHANGGUI_BIN`, else the debug build), on a shop of
 * its own that `e2e/serve.mjs` makes anew each time; `seed` fills it with what the pages show.
 * `storefront` tries the shop's own pages there, or on a running shop at `ZHANGGUI_URL`.
 * `whole` comes last: what it changes, such as holding all mail, every page of the shop would feel.
 */
const running = process.env['ZHANGGUI_URL']
const gallery = 'http://127.0.0.1:4179'

export default defineConfig({
  testDir: './e2e',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
  projects: [
    { name: 'kit', testMatch: /kit\/.*\.spec\.ts/, use: { baseURL: gallery } },
    { name: 'seed', testMatch: /seed\.setup\.ts/, use: { baseURL: SHOP } },
    {
      name: 'shop',
      testMatch: /\.spec\.ts$/,
      testIgnore: /(kit|storefront|whole)\//,
      dependencies: ['seed'],
      use: { baseURL: SHOP, locale: 'en' },
    },
    {
      name: 'storefront',
      testMatch: /storefront\/.*\.spec\.ts/,
      dependencies: running ? [] : ['seed'],
      use: { baseURL: running ?? SHOP },
    },
    {
      name: 'whole',
      testMatch: /whole\/.*\.spec\.ts/,
      dependencies: ['shop', 'storefront'],
      use: { baseURL: SHOP, locale: 'en' },
    },
  ],
  webServer: [
    { command: 'npm run gallery', url: `${gallery}/admin/`, reuseExistingServer: true, timeout: 60_000 },
    { command: 'node e2e/serve.mjs', url: `${SHOP}/readyz`, reuseExistingServer: false, timeout: 60_000 },
  ],
})
