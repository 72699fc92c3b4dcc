import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLayersBuilder } from '../layers/index.ts'
import { openLayoutStore } from '../layout/index.ts'
import { request, service, workspace, write } from '../testdata/workspace.ts'
import { KeptArtifacts } from './kept-artifacts.ts'

const folder = workspace('kept')
let made = 0

async function built() {
  made += 1
  const root = join(folder, `service-${made}`)
  const layout = join(folder, `layout-${made}`)
  const memory = join(folder, `memory-${made}`)
  write(root, service)
  const store = await openLayoutStore({ folder: layout })
  const build = () => createLayersBuilder({ into: store }).build(request(root))
  const artifact = await build()
  let inspected = 0
  /** Asked as a new process would. */
  const has = async (digest = artifact.digest) => {
    const before = inspected
    const inspect = async (of: string) => {
      inspected++
      return (await openLayoutStore({ folder: layout })).inspect(of)
    }
    const kept = await new KeptArtifacts({ layout, memory, inspect }).has(digest)
    return { kept, read: inspected > before }
  }
  const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'))
  return { artifact, build, has, blob, memory }
}

test('an artifact is read through once, then known by what stat says of its blobs', async () => {
  const { has } = await built()
  assert.deepEqual(await has(), { kept: true, read: true })
  assert.deepEqual(await has(), { kept: true, read: false })
  assert.deepEqual(await has(`sha256:${'0'.repeat(64)}`), { kept: false, read: true })
})

test('a blob that is damaged or gone is noticed, and mended by building again', async () => {
  const { artifact, build, has, blob } = await built()
  const { digest, configDigest, layers } = artifact
  for (const each of [layers[0]!.digest, configDigest, digest]) {
    assert.equal((await has()).kept, true)
    const bytes = readFileSync(blob(each))
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(blob(each), bytes)
    assert.deepEqual(await has(), { kept: false, read: true }, `${each} is damaged`)
    await build()
    assert.equal((await has()).kept, true, 'built again')
    rmSync(blob(each))
    assert.equal((await has()).kept, false, `${each} is gone`)
    await build()
  }
})

test('a damaged memory is not believed', async () => {
  const { has, memory } = await built()
  await has()
  const file = join(memory, readdirSync(memory)[0]!)
  const written = readFileSync(file, 'utf8')
  for (const damaged of ['', written.slice(0, 80), written.replace(/ \S*\n/, '\n'), '\n']) {
    writeFileSync(file, damaged)
    assert.deepEqual(await has(), { kept: true, read: true })
    assert.deepEqual(await has(), { kept: true, read: false })
  }
})
