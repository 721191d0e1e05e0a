import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { mockApi } from './dev/mock.ts'

/** The server that `npm run dev` passes API calls on to. */
const server = process.env['ZHANGGUI_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig(({ mode }) => ({
  base: '/admin/',
  plugins: [react(), ...(mode === 'mock' ? [mockApi()] : [])],
  resolve: {
    alias: [
      ...(mode === 'mock'
        ? [{ find: /^@\/modules$/, replacement: fileURLToPath(new URL('./dev/gallery/index.tsx', import.meta.url)) }]
        : []),
      { find: /^@(?=\/)/, replacement: fileURLToPath(new URL('./src', import.meta.url)) },
    ],
  },
  server: {
    host: '127.0.0.1',
    proxy:
      mode === 'mock'
        ? undefined
        : { '/api': server, '/files': server, '/ws': { target: server.replace(/^http/, 'ws'), ws: true } },
  },
  build: { target: 'es2022', manifest: true, chunkSizeWarningLimit: 900, reportCompressedSize: false },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['./src/test-setup.ts'],
    restoreMocks: true,
  },
}))
