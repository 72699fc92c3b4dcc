import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { initRepository } from '../git/index.ts'

const PROGRAM = join(import.meta.dirname, 'testing/pipeline-program.ts')

const FILES = {
  'slipway.yaml': `project: sample
services:
  web:
    path: web
    start: node server.js
    build: { run: "mkdir -p dist && cp server.js dist/ && echo made", output: dist }
    test: { run: "echo fine" }
environments:
  dev: { from: main }
`,
  'web/server.js': '1',
  '.gitignore': '.slipway\n',
}

const COMMITTED = ['.git', '.gitignore', 'slipway.yaml', 'web']

class Sample {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  static async make(files: Readonly<Record<string, string>> = {}): Promise<Sample> {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-run-verb-'))
    const sample = new Sample(folder)
    await initRepository(folder)
    await sample.commit({ ...FILES, ...files })
    return sample
  }

  async commit(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true })
      await writeFile(join(this.folder, path), text)
    }
    const repository = await initRepository(this.folder)
    await repository.commitAll({
      message: { subject: 'Change' },
      actor: 'ada@example.com',
      at: 1e12,
    })
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.folder, encoding: 'utf8' })
  }

  /** `onNote` may interrupt the program's whole process group, as a terminal does. */
  async slipway(args: readonly string[], onNote = (_text: string, _interrupt: () => void) => {}) {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let notes = ''
    child.stdout.on('data', (data: Buffer) => {
      out += data
    })
    child.stderr.on('data', (data: Buffer) => {
      notes += data
      onNote(notes, () => process.kill(-child.pid!, 'SIGINT'))
    })
    const [exit] = await once(child, 'close')
    return { exit: exit as number, out: stripVTControlCharacters(out), notes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

test('plan tells what would run and why; run does it, and then nothing is left to run', async () => {
  await using sample = await Sample.make()
  const planned = await sample.slipway(['plan'])
  assert.equal(planned.exit, 0, planned.notes)
  assert.match(planned.out, /^web:test +run +10 s +never run before$/m)
  const ran = await sample.slipway(['run'])
  assert.equal(ran.exit, 0, ran.notes)
  assert.match(ran.notes, /^web:build \| made$/m)
  assert.match(ran.out, /^web [0-9a-f]{12} sha256:[0-9a-f]{40}\npassed in .* s: 3 passed$/m)
  const again = await sample.slipway(['run', '--json'])
  const document = JSON.parse(again.out)
  assert.deepEqual(
    document.steps.map(({ status }: { status: string }) => status),
    ['cached', 'cached', 'cached'],
  )
  await sample.commit({ 'web/server.js': '2' })
  const { out } = await sample.slipway(['plan', '--json'])
  assert.ok(
    JSON.parse(out).steps.every(
      ({ reason }: { reason: string }) => reason === 'web/server.js changed',
    ),
  )
  const before = await sample.slipway(['plan', '--commit', 'HEAD~1'])
  assert.match(before.out, /0 of 3 steps run, 3 are cached/)
})

test('a failed step exits 1 with its last 20 lines and the path of its log', async () => {
  await using sample = await Sample.make()
  await sample.commit({
    'slipway.yaml': FILES['slipway.yaml'].replace('echo fine', 'seq 1 30; exit 3'),
  })
  const { exit, notes } = await sample.slipway(['run'])
  assert.equal(exit, 1)
  const [, lines, log] = notes.match(
    /web:test failed: it exited with 3; its last lines were\n([\s\S]*)\nall of it: (.*)/,
  )!
  assert.deepEqual(
    lines!.split('\n').map(Number),
    Array.from({ length: 20 }, (_, i) => i + 11),
  )
  assert.equal(readFileSync(log!, 'utf8').split('\n').length, 31)
})

test('--dirty runs the work tree as it is, makes no artifact of it and leaves it alone', async () => {
  await using sample = await Sample.make()
  await sample.slipway(['run'])
  const clean = await sample.slipway(['run', '--dirty'])
  assert.match(clean.out, /^passed in .* s: 3 cached$/m)
  await writeFile(join(sample.folder, 'web/server.js'), '2')
  await writeFile(join(sample.folder, 'web/new.js'), '3')
  const yaml = FILES['slipway.yaml'].replace('echo fine', 'cat server.js new.js')
  await writeFile(join(sample.folder, 'slipway.yaml'), yaml)
  const planned = await sample.slipway(['plan', '--dirty'])
  assert.match(planned.out, /^web:test +run .* web\/new.js is new and 1 more$/m)
  assert.match(planned.out, /^[0-9a-f]{12} with changes: 2 of 2 steps run/m)
  const ran = await sample.slipway(['run', '--dirty'])
  assert.equal(ran.exit, 0, ran.notes)
  assert.match(ran.notes, /^web:test \| 23$/m)
  assert.match(
    ran.out,
    /^passed in .* s: 2 passed\nchanges are not committed, so no artifact is made$/m,
  )
  assert.match((await sample.slipway(['run', '--dirty'])).out, /2 cached/)
  assert.equal(sample.git('status', '--porcelain').trim().split('\n').length, 3)
  const back = await sample.slipway(['run'])
  assert.match(back.out, /3 cached/, 'a commit is run as it is committed')
  const both = await sample.slipway(['run', '--dirty', '--commit', 'HEAD'])
  assert.equal(both.exit, 2)
  assert.match(both.notes, /leave out --commit/)
})

test('--dirty needs no commit yet, and leaves Slipway’s own files out', async () => {
  await using sample = await Sample.make()
  await rm(join(sample.folder, '.git'), { recursive: true })
  await rm(join(sample.folder, '.gitignore'))
  await initRepository(sample.folder)
  assert.equal((await sample.slipway(['run'])).exit, 2)
  for (const status of ['passed', 'cached']) {
    const { exit, out, notes } = await sample.slipway(['run', '--dirty'])
    assert.equal(exit, 0, notes)
    assert.match(out, new RegExp(`2 ${status}`))
  }
})

test('wrong input exits 2 and says what would be right', async () => {
  await using sample = await Sample.make()
  const cases: readonly [readonly string[], RegExp][] = [
    [['run', '--commit', 'nowhere'], /there is no commit nowhere/],
    [['run', '--only', 'wbe'], /there is no service wbe: known are web/],
    [['run', '--jobs', 'many'], /--jobs many is no number/],
  ]
  for (const [args, message] of cases) {
    const { exit, notes } = await sample.slipway(args)
    assert.equal(exit, 2)
    assert.match(notes, message)
  }
  assert.equal(existsSync(join(sample.folder, '.slipway/runs')), false)
})

const noProc = existsSync('/proc/self/cmdline') ? false : 'needs /proc to look for orphans'
test('Ctrl-C ends every process tree and leaves a clean checkout and no half-written entry', {
  skip: noProc,
}, async () => {
  await using sample = await Sample.make()
  const mark = `${process.pid}.77`
  const stubborn = `(trap "" INT TERM; sleep 1${mark}) & setsid sleep 2${mark} & echo begun; sleep 3${mark}`
  await sample.commit({
    'slipway.yaml': FILES['slipway.yaml'].replace('"echo fine"', `'${stubborn}'`),
  })
  let isSent = false
  const { exit, notes } = await sample.slipway(['run'], (text, interrupt) => {
    if (isSent || !text.includes('web:test | begun')) return
    isSent = true
    interrupt()
  })
  assert.equal(exit, 1, notes)
  assert.match(notes, /web:test \| cancelled/)
  assert.deepEqual(processesWith(mark), [])
  const state = join(sample.folder, '.slipway')
  const checkouts = join(state, 'checkouts')
  assert.ok(existsSync(join(checkouts, 'tree-0.free')))
  assert.deepEqual(readdirSync(join(checkouts, 'tree-0')).sort(), COMMITTED)
  const aside = join(state, 'cache/aside')
  assert.deepEqual(existsSync(aside) ? readdirSync(aside) : [], [])
})

function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch (error) {
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
        throw error
      }
    })
    .filter((line) => line.includes(text))
}
