// A shop of its own for the browser tests: an empty data folder, an owner, the server.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const binary = resolve(process.env.ZHANGGUI_BIN ?? '../target/debug/zhanggui')
// Where `e2e/shop.ts` reads the mails.
const folder = join(tmpdir(), 'zhanggui-e2e')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
const listen = '["127.0.0.1:4181"]'
const env = {
  ...process.env,
  ZHANGGUI__DATA_DIR: join(folder, 'data'),
  ZHANGGUI__SHOP__NAME: '山前杂货',
  ZHANGGUI__SHOP__BASE_URL: 'http://127.0.0.1:4181',
  ZHANGGUI__LISTEN__STORE: listen,
  ZHANGGUI__LISTEN__ADMIN: listen,
  ZHANGGUI__LISTEN__OPS: listen,
}
const password = join(folder, 'password')
writeFileSync(password, 'e2e-password-1')
const owner = ['admin', 'create', '--email', 'owner@example.com', '--name', '王小明', '--locale', 'en']
const made = spawnSync(binary, [...owner, '--password-file', password], { env, stdio: ['ignore', 'ignore', 'inherit'] })
if (made.status !== 0) process.exit(made.status ?? 1)

const server = spawn(binary, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
const stop = () => server.kill('SIGTERM')
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
server.on('exit', code => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(code ?? 0)
})
