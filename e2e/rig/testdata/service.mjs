// A service whose behaviour is in behaviour.json beside it, so that a commit changes it.
import { appendFileSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const behaviour = JSON.parse(readFileSync(join(import.meta.dirname, 'behaviour.json'), 'utf8'))
const { version, failShare, delayMs, crashAtStart, neverReady, slowStartMs } = behaviour
const greeting = process.env.GREETING ?? ''
const readyAt = Date.now() + slowStartMs
const orders = new Map()
// A folder that only one process may have, and keeps a while when it ends: it cannot run twice.
const alone = process.env.ALONE ?? ''

if (alone !== '') {
  mkdirSync(alone)
  process.on('exit', () => rmdirSync(alone))
}

if (crashAtStart) {
  console.error(`version ${version} cannot start: its reason is here`)
  process.exit(7)
}

function answer(response, status, body) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-shop-version': greeting === '' ? version : `${version} ${greeting}`,
  })
  response.end(JSON.stringify(body))
}

// With a tail, as answers of real services have: so a judge soon sees that two versions are equal.
function latencyMs() {
  return delayMs * (0.5 - 0.5 * Math.log(1 - Math.random()))
}

function handle(request, response) {
  if (process.env.SEEN) appendFileSync(process.env.SEEN, `${version} ${request.url}\n`)
  if (Math.random() < failShare) return answer(response, 500, { error: 'as told by behaviour.json' })
  if (request.method !== 'POST') return answer(response, 200, { version, greeting, pid: process.pid })
  const key = request.headers['idempotency-key']
  if (!orders.has(key)) orders.set(key, orders.size + 1)
  return answer(response, 201, { order: orders.get(key) })
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    const isReady = !neverReady && Date.now() >= readyAt
    return answer(response, isReady ? 200 : 503, { isReady })
  }
  request.resume()
  request.on('end', () => setTimeout(() => handle(request, response), latencyMs()))
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => {
  server.close(() => setTimeout(() => process.exit(0), alone === '' ? 0 : 500))
  server.closeIdleConnections()
})
