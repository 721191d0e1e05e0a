// Fails the build when the sign-in page and the shell weigh more than they may.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT = 300 * 1024
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const files = new Set(['index.html'])

const take = key => {
  const chunk = manifest[key]
  if (chunk === undefined || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) take(next)
}
take('index.html')
take('src/app/sign-in.tsx')

const sizes = [...files].map(file => [gzipSync(readFileSync(`dist/${file}`)).length, file]).sort((a, b) => b[0] - a[0])
const sum = sizes.reduce((total, [size]) => total + size, 0)
for (const [size, file] of sizes) process.stdout.write(`${(size / 1024).toFixed(1).padStart(8)} KB  ${file}\n`)
process.stdout.write(`${(sum / 1024).toFixed(1).padStart(8)} KB  first load, compressed (at most ${LIMIT / 1024})\n`)
if (sum > LIMIT) process.exit(1)
