import { createLayersBuilder, openLayoutStore } from '../index.ts'
const commit = '0'.repeat(40)

/** `build.ts LAYOUT ROOT [TAG…]`: builds, tags, unpacks. */
const [layout = '', root = '', ...tags] = process.argv.slice(2)
const store = await openLayoutStore({ folder: layout })
const artifact = await createLayersBuilder({ into: store }).build({
  ...{ service: 'catalog', root, output: ['dist'], dependencies: [], start: 'true' },
  labels: { commit, source: '', version: '1', committedAt: 1 },
})
for (const tag of tags) await store.tag(artifact.digest, [tag])
await store.unpack(artifact.digest)
