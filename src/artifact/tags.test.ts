import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requireTag, tagsFor } from './tags.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'

describe('the tags of an artifact', () => {
  const cases = [
    ['main', null, ['catalog:main-0123456789ab']],
    ['feature/a b#1', null, ['catalog:feature-a-b-1-0123456789ab']],
    ['.hidden-', null, ['catalog:hidden-0123456789ab']],
    ['ü', null, ['catalog:branch-0123456789ab']],
    ['x'.repeat(300), null, [`catalog:${'x'.repeat(115)}-0123456789ab`]],
    [null, 'v1.2.3', ['catalog:1.2.3']],
    [null, 'v1.2.3-rc.1+build.5', ['catalog:1.2.3-rc.1_build.5']],
    [null, 'vnext', []],
    [null, '1.2.3', []],
    ['latest', 'v2.0.0', ['catalog:latest-0123456789ab', 'catalog:2.0.0']],
  ] as const
  for (const [branch, versionTag, further] of cases) {
    it(`of branch ${branch?.slice(0, 20)} and tag ${versionTag}`, () => {
      const tags = tagsFor({ service: 'catalog', commit, branch, versionTag })
      assert.deepEqual(tags, [`catalog:${commit}`, ...further])
      for (const tag of tags) requireTag(tag)
    })
  }
})

describe('a tag that is refused', () => {
  for (const tag of ['latest', 'catalog:latest', 'team/catalog:LATEST']) {
    it(tag, () => assert.throws(() => requireTag(tag), { code: 'tag-latest' }))
  }
  for (const tag of ['', 'a b', 'catalog:', 'a:b:c', 'catalog:-x', `catalog:${'x'.repeat(129)}`]) {
    it(JSON.stringify(tag).slice(0, 30), () =>
      assert.throws(() => requireTag(tag), { code: 'tag-invalid', fault: 'input' }),
    )
  }
})
