import assert from 'node:assert/strict'
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { type RunningService, startService } from './service.ts'

const hello: RequestListener = (_request, response) => response.end('hello')

function start(listener = hello, isReady = async () => true): Promise<RunningService> {
  return startService({ name: 'test', env: { SLIPWAY_VERSION: '1.2.3' }, listener, isReady })
}

test('it is alive before it is ready, and says when it is', async () => {
  let ready = false
  const service = await start(hello, async () => ready)
  assert.equal((await fetch(`${service.url}/healthz`)).status, 200)
  assert.equal((await fetch(`${service.url}/readyz`)).status, 503)
  ready = true
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200)
  await service.close()
})

test('a readiness check that throws is an answer with its reason', async () => {
  const service = await start(hello, () => Promise.reject(new Error('no database')))
  const answer = await fetch(`${service.url}/readyz`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /no database/)
  await service.close()
})

test('every answer names the version', async () => {
  const service = await start()
  for (const path of ['/', '/version', '/healthz']) {
    const answer = await fetch(`${service.url}${path}`)
    assert.equal(answer.headers.get('x-shop-version'), '1.2.3')
    await answer.text()
  }
  await service.close()
})

test('stopping finishes what is in flight, then lets kept-alive connections go', async () => {
  const asked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const service = await start(async (request, response) => {
    if (request.url === '/slow') {
      asked.resolve()
      await release.promise
    }
    response.end('done')
  })
  const agent = new Agent({ keepAlive: true })
  await read(`${service.url}/`, agent)
  const slow = read(`${service.url}/slow`, agent)
  await asked.promise

  const closed = service.close()
  const late = await fetch(`${service.url}/readyz`)
  assert.equal(late.status, 503)
  assert.equal(late.headers.get('connection'), 'close')
  release.resolve()
  assert.equal(await slow, 'done')
  await closed
  await assert.rejects(fetch(`${service.url}/`))
  agent.destroy()
})

function read(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, async (response: IncomingMessage) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve(text)
    }).on('error', reject)
  })
}
