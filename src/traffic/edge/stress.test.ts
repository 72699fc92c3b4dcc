import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Endpoint } from '../../platform/index.ts'
import {
  type Ask,
  ask,
  endpoint,
  type Rig,
  split,
  startBackend,
  startRig,
  stopBackend,
  until,
} from './rig.ts'

const INSTANCE = fileURLToPath(new URL('./testdata/instance.mjs', import.meta.url))

/** Clients that keep asking until they are told to stop; what failed, in words. */
function startLoad(rig: Rig, clients: number, next: (i: number) => Ask) {
  const failed: string[] = []
  let asked = 0
  let isOn = true
  const client = async () => {
    while (isOn) {
      const options = next(asked++)
      try {
        const { status, body } = await ask(rig, options)
        if (status !== 200) failed.push(`${options.method} ${status} ${body}`)
      } catch (error) {
        failed.push(`${options.method} ${error}`)
      }
    }
  }
  const done = Promise.all(Array.from({ length: clients }, client))
  const after = (requests: number) => {
    const goal = asked + requests
    return until(() => asked >= goal)
  }
  const stop = async () => {
    isOn = false
    await done
    return { failed, asked }
  }
  return { after, stop }
}

const readsAndWrites = (i: number): Ask =>
  i % 3 === 0 ? { method: 'POST', body: 'x'.repeat(100 + (i % 5000)) } : { method: 'GET' }

it('loses no request while weights change and instances are replaced', async (t) => {
  const rig = await startRig(t)
  const startInstance = async (revision: string) => {
    const { server, port } = await startBackend(t, (req, res) => {
      req.resume()
      req.on('end', () => setTimeout(() => res.end(revision), Math.random() * 4))
    })
    return { server, endpoint: endpoint(revision, port) }
  }
  const running = [
    await startInstance('old'),
    await startInstance('old'),
    await startInstance('new'),
    await startInstance('new'),
  ]
  const listed = () => running.map((instance) => instance.endpoint)
  rig.edge.update(rig.workload, listed())
  await rig.edge.setSplit(rig.workload, split({ old: 100, new: 0 }))
  // POSTs without an Idempotency-Key among them: none may need a repetition.
  const load = startLoad(rig, 24, readsAndWrites)
  for (const weight of [5, 25, 50, 75, 100, 50, 0]) {
    await rig.edge.setSplit(rig.workload, split({ old: 100 - weight, new: weight }))
    await load.after(150)
    const leaving = running.shift()!
    running.push(await startInstance(leaving.endpoint.revision))
    const draining: Endpoint = { ...leaving.endpoint, state: 'draining' }
    rig.edge.update(rig.workload, [draining, ...listed()])
    await until(() => rig.edge.inFlight(draining.instance) === 0)
    rig.edge.update(rig.workload, listed())
    stopBackend(leaving.server)
    await load.after(50)
  }
  const { failed, asked } = await load.stop()
  assert.deepEqual(failed, [], `${failed.length} of ${asked}`)
})

it('loses no request that may be repeated when an instance is killed', async (t) => {
  const rig = await startRig(t)
  const running: { child: ChildProcess; endpoint: Endpoint }[] = []
  for (const revision of ['old', 'old', 'new', 'new'])
    running.push(await spawnInstance(t, revision))
  const update = () => {
    const endpoints = running.map((instance) => instance.endpoint)
    rig.edge.update(rig.workload, endpoints)
  }
  update()
  await rig.edge.setSplit(rig.workload, split({ old: 50, new: 50 }))
  const load = startLoad(rig, 24, (i) => ({
    ...readsAndWrites(i),
    headers: { 'idempotency-key': `order-${i}` },
  }))
  for (let i = 0; i < 4; i++) {
    await load.after(200)
    const killed = running.shift()!
    const isSuspected = new Promise((resolve) => {
      rig.edge.onSuspect(({ instance }) => {
        if (instance === killed.endpoint.instance) resolve(true)
      })
    })
    killed.child.kill('SIGKILL')
    await isSuspected
    await load.after(200)
    running.push(await spawnInstance(t, killed.endpoint.revision))
    update()
  }
  const { failed, asked } = await load.stop()
  assert.deepEqual(failed, [], `${failed.length} of ${asked}`)
})

async function spawnInstance(t: TestContext, revision: string) {
  const child = spawn(process.execPath, [INSTANCE], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const [line] = await once(child.stdout, 'data')
  return { child, endpoint: endpoint(revision, Number(line)) }
}
