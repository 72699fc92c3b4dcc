import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Sidecar } from '../config/index.ts'
import type { ExecuteRequest, ExecuteResult, Executor, Step } from './types.ts'

/** What every implementation of Executor must do. `make` gives one that grants half a second to end. */
export function executorContract(name: string, make: () => Executor): void {
  let root = ''
  const place = () => ({ executor: make(), root })
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-executor-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  describe(`${name} as an executor: commands`, () => commands(place))
  describe(`${name} as an executor: endings`, () => endings(place))
  describe(`${name} as an executor: sidecars`, () => sidecars(place))
}

type Place = () => { readonly executor: Executor; readonly root: string }

type Fields = {
  readonly run: string
  readonly sidecars?: Step['sidecars']
  readonly timeoutSeconds?: number
  readonly env?: Readonly<Record<string, string>>
  readonly onOutput?: (text: string) => void
  readonly signal?: AbortSignal
}

/** Runs a command and gives what it printed, whole. */
async function execute(place: Place, fields: Fields): Promise<ExecuteResult & { output: string }> {
  const { executor, root } = place()
  let output = ''
  const { run, sidecars = {}, timeoutSeconds = 30, env = {} } = fields
  const result = await executor.run({
    step: stepOf({ run, sidecars, timeoutSeconds }),
    root,
    env,
    sidecarEnv: Object.fromEntries(Object.keys(sidecars).map((key) => [key, { COLOUR: 'red' }])),
    onOutput: (text) => {
      output += text
      fields.onOutput?.(text)
    },
    signal: fields.signal ?? new AbortController().signal,
  } satisfies ExecuteRequest)
  return { ...result, output }
}

function commands(place: Place): void {
  it('runs the line in its folder with what is declared, and little else', async () => {
    process.env.SLIPWAY_TEST_STRANGER = 'here'
    const run = 'pwd; echo $WORD-$SLIPWAY_TEST_STRANGER-; test -d "$TMPDIR" && test -n "$PATH"'
    const ran = await execute(place, { run, env: { WORD: 'blue' } })
    delete process.env.SLIPWAY_TEST_STRANGER
    assert.deepEqual(ran, { kind: 'exited', exitCode: 0, output: `${place().root}\nblue--\n` })
  })

  it('tells the exit code, a signal as 128 and its number', async () => {
    assert.deepEqual(await execute(place, { run: 'exit 3' }), {
      kind: 'exited',
      exitCode: 3,
      output: '',
    })
    const killed = await execute(place, { run: 'kill -9 $$' })
    assert.deepEqual(killed, { kind: 'exited', exitCode: 137, output: '' })
  })

  it('gives stdout and stderr in the order in which they were written', async () => {
    const { output } = await execute(place, { run: 'echo a; echo b >&2; echo c; echo d >&2' })
    assert.equal(output, 'a\nb\nc\nd\n')
  })

  it('gives output while the command runs, and characters whole', async () => {
    const flag = join(place().root, 'flag')
    const pieces: string[] = []
    const run = `printf '\\303'; sleep 0.2; printf '\\244\\n'; while ! test -e ${flag}; do sleep 0.05; done`
    await execute(place, {
      run: `(sleep 20; touch ${flag}) & ${run}`,
      onOutput: (text) => {
        pieces.push(text)
        if (pieces.join('').includes('ä\n')) writeFileSync(flag, '')
      },
    })
    assert.equal(pieces.join(''), 'ä\n')
  })

  it('gives all of a long output', async () => {
    const { output } = await execute(place, { run: 'seq 1 200000' })
    assert.equal(output.length, 1_288_895)
    assert.ok(output.endsWith('\n200000\n'))
  })

  it('says when there is no such folder', async () => {
    const { executor } = place()
    const result = await executor.run({
      step: stepOf({ run: 'true', sidecars: {}, timeoutSeconds: 5 }),
      root: join(place().root, 'nowhere'),
      env: {},
      sidecarEnv: {},
      onOutput: () => undefined,
      signal: new AbortController().signal,
    })
    assert.equal(result.kind, 'lost')
  })
}

function endings(place: Place): void {
  it('ends the whole tree at the timeout, also what ignores TERM', async () => {
    const mark = `${process.pid}.25`
    const run = `trap '' TERM; sh -c "trap '' TERM; sleep 1${mark}" & sleep 2${mark}; wait`
    assert.equal((await execute(place, { run, timeoutSeconds: 0.4 })).kind, 'timed-out')
    assert.deepEqual(processesWith(mark), [])
  })

  it('ends the whole tree when it is cancelled', async () => {
    const abort = new AbortController()
    const mark = `${process.pid}.26`
    const run = `sleep 1${mark} & echo begun; sleep 2${mark}`
    const ran = await execute(place, { run, signal: abort.signal, onOutput: () => abort.abort() })
    assert.equal(ran.kind, 'cancelled')
    assert.deepEqual(processesWith(mark), [])
  })

  it('is cancelled before it begins', async () => {
    const ran = await execute(place, { run: 'echo no', signal: AbortSignal.abort() })
    assert.deepEqual(ran, { kind: 'cancelled', output: '' })
  })

  it('lets a command that hears TERM end by itself', async () => {
    const abort = new AbortController()
    const run = `trap 'echo goodbye; exit 0' TERM; echo begun; while :; do sleep 0.05; done`
    const ran = await execute(place, { run, signal: abort.signal, onOutput: () => abort.abort() })
    assert.equal(ran.kind, 'cancelled')
    // Some shells also say how the command that they waited for ended.
    assert.match(ran.output, /^begun\n(Terminated\n)?goodbye\n$/)
  })

  it('leaves nothing behind of a command that ended well', async () => {
    const mark = `${process.pid}.27`
    const ran = await execute(place, { run: `sleep 1${mark} & echo done` })
    assert.deepEqual(ran, { kind: 'exited', exitCode: 0, output: 'done\n' })
    assert.deepEqual(processesWith(mark), [])
  })

  const noProc = existsSync('/proc/self/environ') ? false : 'needs /proc to find daemons'
  it('finds daemons that left the group of the command', { skip: noProc }, async () => {
    const mark = `${process.pid}.28`
    const run = `setsid sh -c 'sleep 1${mark} >/dev/null 2>&1 &' >/dev/null 2>&1; sleep 0.2; echo done`
    const ran = await execute(place, { run })
    assert.equal(ran.output, 'done\n')
    assert.deepEqual(processesWith(mark), [])
  })
}

function sidecars(place: Place): void {
  const server = (more: string): string => `node -e "
    setTimeout(() => require('node:http').createServer((_, answer) => {
      ${more}
    }).listen(process.env.PORT, '127.0.0.1'), 100)"`
  const sidecar = (fields: Partial<Sidecar>): Sidecar => ({
    run: server('answer.end(process.env.COLOUR)'),
    env: {},
    ready: { path: '/', intervalSeconds: 0.05, timeoutSeconds: 1, deadlineSeconds: 20 },
    address: 'DB',
    ...fields,
  })
  const ask = `node -e "fetch('http://' + process.env.DB).then((r) => r.text()).then((t) => console.log(t))"`

  it('are ready before the command, at the address that it is given, and gone after it', async () => {
    const ran = await execute(place, { run: `${ask}; echo $DB`, sidecars: { db: sidecar({}) } })
    assert.equal(ran.kind, 'exited')
    const [, port] = ran.output.match(/^red\n127\.0\.0\.1:(\d+)\n$/) ?? []
    await assert.rejects(fetch(`http://127.0.0.1:${port}`))
  })

  it('without a path are ready when they accept a connection; their output bears their name', async () => {
    const ready = { path: null, intervalSeconds: 0.05, timeoutSeconds: 1, deadlineSeconds: 20 }
    const db = sidecar({ run: server("console.log('asked'); answer.end('hello')"), ready })
    const { output } = await execute(place, { run: ask, sidecars: { db } })
    assert.match(output, /^hello$/m)
    assert.match(output, /^\[db\] asked$/m)
  })

  it('that end early or never answer lose the step, with the reason', async () => {
    const early = await execute(place, {
      run: 'true',
      sidecars: { db: sidecar({ run: 'exit 4' }) },
    })
    assert.ok(early.kind === 'lost' && /db .*exited with 4/.test(early.reason))
    const ready = { path: '/', intervalSeconds: 0.05, timeoutSeconds: 1, deadlineSeconds: 1 }
    const mute = sidecar({ run: `sleep 1${process.pid}.29`, ready })
    const late = await execute(place, { run: 'true', sidecars: { db: mute } })
    assert.ok(late.kind === 'lost' && /db .*not ready within 1 s/.test(late.reason))
    assert.deepEqual(processesWith(`${process.pid}.29`), [])
  })

  it('end when the step is cancelled while it waits for them', async () => {
    const abort = new AbortController()
    const run = `echo up; sleep 1${process.pid}.30`
    const ran = await execute(place, {
      run: 'true',
      sidecars: { db: sidecar({ run }) },
      signal: abort.signal,
      onOutput: () => abort.abort(),
    })
    assert.equal(ran.kind, 'cancelled')
    assert.deepEqual(processesWith(`${process.pid}.30`), [])
  })
}

function stepOf(
  fields: Pick<Step, 'sidecars' | 'timeoutSeconds'> & { readonly run: string },
): Step {
  const { run, ...rest } = fields
  return {
    id: 'step',
    service: null,
    action: { kind: 'command', run, folder: '.' },
    needs: [],
    inputs: [],
    outputs: [],
    env: {},
    retries: 0,
    cache: true,
    ...rest,
  }
}

/** Command lines of processes, zombies apart, that hold the text. */
export function processesWith(text: string): readonly string[] {
  if (!existsSync('/proc/self/cmdline')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(text))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
