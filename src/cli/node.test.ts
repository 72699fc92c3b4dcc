import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { connectNode, startNode } from '../node/index.ts'
import { createEdge } from '../traffic/edge/index.ts'
import { runCommandLine } from './command-line.ts'
import { nodeVerb } from './node.ts'

describe('slipway node', () => {
  let folder: string
  let out: string[]
  let note: string[]
  let end: AbortController
  let whenUp: () => void
  const run = (...words: string[]) => {
    const load = async () =>
      nodeVerb({ startNode: (options) => startNode({ ...options, createEdge, unpack }) })
    return runCommandLine([{ name: 'node', summary: 'hold instances', load }], ['node', ...words], {
      cwd: folder,
      env: {},
      out: (text) => {
        out.push(text)
        whenUp()
      },
      note: (text) => void note.push(text),
      isTerminal: false,
      columns: null,
      json: false,
      signal: end.signal,
    })
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-verb-node-'))
    out = []
    note = []
    end = new AbortController()
    whenUp = () => {}
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('says where it listens, stays, and ends when it is interrupted', async () => {
    const up = new Promise<void>((resolve) => {
      whenUp = resolve
    })
    const running = run('--port', '0', '--json', '--state', 'here')
    await up
    const told = JSON.parse(out[0] ?? '')
    assert.equal(told.state, join(folder, 'here'))
    const remote = connectNode(told.socket)
    assert.equal((await remote.health()).pid, told.pid)
    assert.equal(new URL(told.address).port, String((await remote.health()).port))
    await remote.close()
    end.abort()
    assert.equal(await running, 0)
  })

  it('refuses what is no port', async () => {
    assert.equal(await run('--port', 'eighty'), 2)
    assert.match(note.join('\n'), /--port eighty is no port/)
  })

  it('names the port that is taken and the flag, and exits with 3', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => {
      squatter.listen(0, '127.0.0.1', resolve)
    })
    const address = squatter.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    assert.equal(await run('--port', String(port)), 3)
    assert.match(note.join('\n'), new RegExp(`port ${port} is taken .* --port`))
    squatter.close()
  })
})

function unpack(): Promise<never> {
  return Promise.reject(new Error('nothing is there'))
}
