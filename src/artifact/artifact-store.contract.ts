import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Artifact, ArtifactStore } from './artifact.ts'

/** A store, and how an artifact gets into it; `build` twice with one text gives one digest. */
export type ArtifactStoreUnderTest = {
  readonly store: ArtifactStore
  build(text: string): Promise<Artifact>
}

const unknown = `sha256:${'0'.repeat(64)}`

/** What every implementation of ArtifactStore must do; the artifact holds `dist/server.js`. */
export function artifactStoreContract(
  name: string,
  open: () => Promise<ArtifactStoreUnderTest>,
): void {
  describe(`${name} as an artifact store`, () => {
    it('inspects what was built, and nothing else', async () => {
      const { store, build } = await open()
      const artifact = await build('one')
      assert.deepEqual(await store.inspect(artifact.digest), artifact)
      assert.equal(await store.inspect(unknown), null)
      assert.equal(await store.inspect('no digest'), null)
    })

    it('finds an artifact by its tags, and moves a tag', async () => {
      const { store, build } = await open()
      const [one, two] = [await build('one'), await build('two')]
      await store.tag(one.digest, ['catalog:1.0.0', 'catalog:main-1'])
      await store.tag(two.digest, ['catalog:main-1'])
      assert.equal(await store.resolve('catalog:1.0.0'), one.digest)
      assert.equal(await store.resolve('catalog:main-1'), two.digest)
      assert.equal(await store.resolve('catalog:2.0.0'), null)
    })

    it('refuses latest, a bad tag and an unknown digest, and changes nothing', async () => {
      const { store, build } = await open()
      const { digest } = await build('one')
      const latest = store.tag(digest, ['catalog:1.0.0', 'catalog:latest'])
      await assert.rejects(latest, { name: 'ArtifactError', code: 'tag-latest' })
      await assert.rejects(store.tag(digest, ['catalog:1.0.0', 'a b']), { code: 'tag-invalid' })
      await assert.rejects(store.tag(unknown, ['catalog:1.0.0']), { code: 'artifact-missing' })
      assert.equal(await store.resolve('catalog:1.0.0'), null)
    })

    it('unpacks what was built, for reading only, with its start and labels', async () => {
      const { store, build } = await open()
      const { folder, start, labels } = await store.unpack((await build('one')).digest)
      const file = join(folder, 'dist/server.js')
      assert.equal(readFileSync(file, 'utf8'), 'one')
      assert.equal(statSync(file).mode & 0o777, 0o444)
      assert.equal(statSync(folder).mode & 0o777, 0o555)
      assert.equal(statSync(file).mtimeMs, labels.committedAt * 1000)
      assert.equal(start, 'node dist/server.js')
      assert.equal(labels.version, '1.2.3')
    })

    it('unpacks once, also when asked at the same time', async () => {
      const { store, build } = await open()
      const { digest } = await build('one')
      const [first, second] = await Promise.all([store.unpack(digest), store.unpack(digest)])
      const { ino } = statSync(first.folder)
      assert.deepEqual([second, await store.unpack(digest)], [first, first])
      assert.equal(statSync(first.folder).ino, ino)
      await assert.rejects(store.unpack(unknown), { code: 'artifact-missing' })
      await assert.rejects(store.unpack('../../etc'), { code: 'artifact-missing' })
      if (process.getuid?.() !== 0) {
        assert.throws(() => writeFileSync(join(first.folder, 'x'), ''), { code: 'EACCES' })
      }
      assert.equal(existsSync(join(first.folder, 'x')), false)
    })
  })
}
