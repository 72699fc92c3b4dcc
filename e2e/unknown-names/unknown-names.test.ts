import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'

describe('a verb that names what is not there', () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.open({
      environments: { production: { from: 'main', strategy: 'rolling' } },
    })
  })
  after(() => stage?.close())

  const nowhere = /there is no environment nowhere; there are: production/
  const cases: readonly (readonly [string, RegExp])[] = [
    ['status nowhere', nowhere],
    ['promote nowhere', nowhere],
    ['deploy nowhere abcdef', nowhere],
    ['approve nowhere', nowhere],
    ['rollback nowhere', nowhere],
    ['diff nowhere', nowhere],
    ['promote production abcdef', /there is no release abcdef; the newest are: \w{12}/],
    ['deploy production abcdef', /there is no release abcdef; the newest are: \w{12}/],
    ['diff production abcdef', /there is no release abcdef; the newest are: \w{12}/],
    ['pause no-rollout', /no rollout no-rollout is under way; there are: none/],
    ['resume production', /no rollout production is under way; there are: none/],
    ['promote production --rollout', /no rollout production is under way; there are: none/],
    ['judge --from-store no-rollout', /no-rollout/],
    ['promote production --roll-out', /--roll-out.*--rollout/s],
    ['promtoe production', /promtoe.*promote/s],
  ]
  for (const [line, told] of cases) {
    it(`slipway ${line}: exit code 2, and what would be right`, async () => {
      const before = (await stage.plane.events('passage')).length
      const said = await stage.plane.slipway(...line.split(' '))
      assert.match(said.err, told)
      assert.equal(said.out, '')
      assert.equal(said.code, 2)
      assert.equal((await stage.plane.events('passage')).length, before)
    })
  }

  it('slipway rollback where nothing was before: exit code 1, and why', async () => {
    const said = await stage.plane.slipway('rollback', 'production')
    assert.match(said.err, /cannot be taken back.*nothing in production before it/)
    assert.equal(said.code, 1)
  })

  it('changes nothing', async () => {
    assert.deepEqual((await stage.plane.events('hold')).length, 0)
    assert.deepEqual((await stage.plane.events('approval')).length, 0)
    assert.equal((await stage.plane.environmentGit('rev-list', '--count', 'main')).trim(), '1')
  })
})
