import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { verbs } from '../../src/cli/index.ts'
import { parts } from '../../src/main/parts.ts'
import { play } from '../rig/stage.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'slipway.js')

describe('what the verbs print', () => {
  const on = play({
    services: { web: { start: 'echo up; exec node service.mjs' }, api: {} },
    environments: {
      production: { from: 'main', strategy: { canary: [5, 100] }, replicas: 2 },
    },
  })
  let second = ''

  it('logs of instances: each line with its instance, live ones only, the last of them', async () => {
    const said = await on.plane.slipway('logs', 'production/web', '--lines', '1')
    assert.equal(said.code, 0, said.err)
    const names = said.out.trim().split('\n')
    assert.equal(names.length, 2)
    for (const line of names) assert.match(line, /^web-\S+ \| /)
    const [instance = ''] = names[0]!.split(' ')
    const one = await on.plane.slipway('logs', 'production/web', '--instance', instance)
    assert.doesNotMatch(one.out, /^web-\S+ \| /m)
    const document = await json('logs', 'production/web')
    assert.equal(document.logs.length, 2)
    const unknown = await on.plane.slipway('logs', 'production/nope')
    assert.deepEqual([unknown.code, unknown.out], [2, ''])
    assert.match(unknown.err, /there are: .*production\/web/)
  })

  it('logs of a run: all steps, or one; of the last run, or of a commit', async () => {
    const last = await on.plane.slipway('logs')
    assert.match(last.out, /^web:package \| web \S+ is sha256:/m)
    const step = await on.plane.slipway('logs', on.stage.first.slice(0, 9), 'api:package')
    assert.match(step.out, /^api \S+ is sha256:/)
    const unknown = await on.plane.slipway('logs', on.stage.first.slice(0, 9), 'api:lint')
    assert.equal(unknown.code, 2)
    assert.match(unknown.err, /no step api:lint; there are: /)
    assert.equal((await on.plane.slipway('logs', 'feedbeef')).code, 2)
  })

  it('logs --follow of a run under way streams what comes, and ends with the run', async () => {
    const slow = 'echo begun; sleep 2; echo ended'
    const commit = await on.project.configure({
      more: { pipeline: { slow: { run: slow, before: 'build' } } },
    })
    await on.plane.until('the run', async () => (await on.plane.api.run(commit)) ?? null)
    await on.plane.until('its log', async () => {
      const said = await on.plane.slipway('logs', commit.slice(0, 12), 'slow')
      return said.out.includes('begun') ? true : null
    })
    const lines = await printed(['logs', commit.slice(0, 12), '--follow', '--json'])
    const told = lines.map((line) => JSON.parse(line) as { name: string; line: string })
    const ofSlow = told.filter(({ name }) => name === 'slow').map(({ line }) => line)
    assert.deepEqual(ofSlow, ['begun', 'ended'])
    await on.plane.settled(commit)
  })

  it('a paused rollout is told by status, and goes on with resume', async () => {
    second = await on.project.send('web', { version: '2' })
    await on.plane.untilRollout(second, 'a rollout', ({ phase }) => phase === 'progressing')
    await json('pause', 'production/web', '--reason', 'freeze')
    await on.plane.untilRollout(second, 'a pause', ({ paused }) => paused !== null)
    const status = await on.plane.slipway('status', 'production')
    assert.match(status.out, /web: canary .* of traffic, paused\n {4}freeze/)
    const watched = printed(['status', '--watch', '--json'], (lines) => lines.length >= 2)
    await json('resume', 'production/web')
    const last = JSON.parse((await watched).at(-1)!)
    assert.equal(last.environments[0].workloads.length, 2)
    await on.plane.untilRollout(second, 'the end of the pause', ({ paused }) => paused === null)
    await json('promote', 'production', '--rollout')
    assert.equal(await on.plane.settled(second), 'passed')
  })

  it('a digest is held by rollback, and lifted by its beginning', async () => {
    await json('rollback', 'production', '--reason', 'as a test')
    await on.plane.until('a hold', async () => ((await json('hold')).length > 0 ? true : null))
    const held = await json('hold')
    assert.match(held[0].digest, /^sha256:/)
    const lifted = await json('hold', '--lift', held[0].digest.slice(7, 19))
    assert.equal(lifted.lifted, held[0].digest)
    assert.deepEqual(await json('hold'), [])
    assert.equal((await on.plane.slipway('hold')).out, 'nothing is held\n')
  })

  it('every other document is as docs/cli.md says', async () => {
    await on.plane.quiet()
    await json('status')
    await json('diff', 'production')
    await json('check')
    await json('explain', 'services.*.ready')
    await json('plan')
    await json('run')
    await json('completion', 'bash')
    await json('deploy', 'production', second.slice(0, 12))
  })

  /** Runs a verb with `--json`; the keys at the top of what it prints must be those of its documented shape. */
  async function json(...words: readonly string[]) {
    const said = await on.plane.slipway(...words, '--json')
    assert.ok(said.code === 0 || words[0] === 'diff', said.err)
    const document = JSON.parse(said.out)
    const shape = (
      await verbs(parts)
        .find(({ name }) => name === words[0])!
        .load()
    ).json
    const [some] = Array.isArray(document) ? document : [document]
    for (const key of Object.keys(some ?? {})) {
      assert.match(shape, new RegExp(`\\b${key}\\??: `), `${words.join(' ')} prints ${key}`)
    }
    return document
  }

  /** Lines of a verb that stays, until it ends or enough was seen; then it is interrupted. */
  async function printed(
    words: readonly string[],
    isEnough: (lines: readonly string[]) => boolean = () => false,
  ): Promise<readonly string[]> {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd: on.plane.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (data: Buffer) => {
      out += data
      if (isEnough(out.trim().split('\n'))) child.kill('SIGINT')
    })
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    return out.trim().split('\n')
  }
})
