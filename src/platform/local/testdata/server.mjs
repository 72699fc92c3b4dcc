// A service whose faults are switched on by its environment.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'

const { env } = process
let ready = false
console.log(`starting ${env.SLIPWAY_INSTANCE}`)

if (env.CRASH === 'start') {
  console.log(`cannot go on: the password ${env.PASSWORD ?? 'none'} is wrong`)
  process.exit(3)
}
if (env.GRANDCHILD === 'yes') {
  spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
    stdio: 'inherit',
    // A session of its own: the group's signal does not reach it.
    detached: true,
  })
}
process.on('SIGTERM', () => {
  console.log('got SIGTERM')
  if (env.IGNORE_TERM === 'yes') return
  if (env.HASTY === 'yes') process.exit(0)
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})

const leak = []
if (env.LEAK === 'yes') {
  setInterval(() => leak.push(Buffer.alloc(16 * 1024 * 1024, 1)), 100)
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://instance')
  if (url.pathname === '/healthz') {
    const open = ready && (env.GATE === undefined || existsSync(env.GATE))
    response.writeHead(open ? 200 : 503).end()
  } else if (url.pathname === '/slow') {
    await new Promise((resolve) => setTimeout(resolve, Number(url.searchParams.get('ms'))))
    response.end(env.SLIPWAY_INSTANCE)
  } else if (url.pathname === '/env') {
    response.end(JSON.stringify({ ...env, cwd: process.cwd() }))
  } else if (url.pathname === '/shout') {
    process.stdout.write('x'.repeat(Number(url.searchParams.get('bytes'))))
    response.end()
  } else if (url.pathname === '/exit') {
    console.log(`leaving with ${env.PASSWORD}`)
    process.exit(Number(url.searchParams.get('code')))
  } else {
    response.end(env.SLIPWAY_INSTANCE)
  }
})
server.listen(Number(env.PORT), '127.0.0.1', () => {
  setTimeout(
    () => {
      ready = env.NEVER_READY !== 'yes'
    },
    Number(env.START_DELAY_MS ?? 0),
  )
})
