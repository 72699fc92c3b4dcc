import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { play, Stage } from '../rig/stage.ts'

const SMOKE = `
const { version } = await (await fetch(process.env.WEB_URL)).json()
if (version === 'broken') throw new Error('the smoke test met a broken version')
`
const SOAK_MS = 2000

describe('the way to production', () => {
  const on = play(
    {
      environments: {
        staging: { from: 'main', replicas: 1, verify: ['smoke'] },
        production: { from: 'staging', replicas: 1, approve: ['managers'], soak: '2s' },
      },
      more: {
        pipeline: { smoke: { run: 'node -e "$SMOKE"', env: { SMOKE }, cache: false } },
        roles: { managers: ['grace@example.com'], testers: ['eve@example.com'] },
      },
    },
    async (options) => {
      const stage = await Stage.prepare(options)
      await stage.plane.startNode()
      await stage.plane.startServe()
      return stage
    },
  )

  it('is closed until somebody of the role approves', async () => {
    const { first } = on.stage
    assert.equal(await on.plane.settled(first, 'staging'), 'passed')
    const promote = await on.plane.slipway('promote', 'production')
    assert.equal(promote.code, 1)
    assert.match(promote.err, /approval: an approval by managers/)
    const wrong = await on.plane.slipway('approve', 'production', '--as', 'eve@example.com')
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /eve@example\.com cannot approve for production; it asks for managers/)
    assert.equal(await on.plane.api.passage('production', first), null)
    assert.deepEqual(await on.plane.events('approval'), [])
  })

  it('opens by an approval and after the soak', async () => {
    const { first } = on.stage
    const right = await on.plane.slipway('approve', 'production', '--as', 'grace@example.com')
    assert.equal(right.code, 0, right.err)
    assert.equal(await on.plane.settled(first), 'passed')
    const release = first.slice(0, 12)
    const [passed] = (await on.plane.events('passage', `staging/${release}`)).filter(
      ({ type }) => type === 'passage.passed',
    )
    const [rolling] = await on.plane.events('passage', `production/${release}`)
    assert.ok(passed && rolling && rolling.at - passed.at >= SOAK_MS)
    const text = await on.plane.environmentGit('log', '-1', '--format=%b', '--', 'production')
    assert.match(text, /Reason: approved by grace@example\.com for managers/)
  })

  it('ends at a verify step that fails, whoever approves', async () => {
    const broken = await on.project.send('web', { version: 'broken' })
    assert.equal(await on.plane.settled(broken, 'staging'), 'failed')
    const passage = await on.plane.api.passage('staging', broken)
    assert.match(passage?.reason ?? '', /smoke/)
    const release = broken.slice(0, 12)
    const as = ['--as', 'grace@example.com']
    const approved = await on.plane.slipway('approve', 'production', release, ...as)
    assert.equal(approved.code, 0, approved.err)
    const promote = await on.plane.slipway('promote', 'production', release, ...as)
    assert.equal(promote.code, 1)
    assert.match(promote.err, /source: failed in staging: .*smoke/)
    assert.equal(await on.plane.api.passage('production', broken), null)
  })

  it('is open again for the next good commit', async () => {
    const good = await on.project.send('web', { version: '3' })
    assert.equal(await on.plane.settled(good, 'staging'), 'passed')
    const right = await on.plane.slipway('approve', 'production', '--as', 'grace@example.com')
    assert.equal(right.code, 0, right.err)
    assert.equal(await on.plane.settled(good), 'passed')
  })
})
