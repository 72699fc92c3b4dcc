import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Artifact } from '../artifact.ts'
import { artifactStoreContract } from '../artifact-store.contract.ts'
import { createLayersBuilder } from '../layers/index.ts'
import { request, service, workspace, write } from '../testdata/workspace.ts'
import { type LayoutStore, openLayoutStore } from './layout-store.ts'

const folder = workspace('layout')
let made = 0

type Open = {
  store: LayoutStore
  layout: string
  root: string
  build(text: string): Promise<Artifact>
}

async function open(layout?: string): Promise<Open> {
  made += 1
  const root = join(folder, `service-${made}`)
  const at = layout ?? join(folder, `layout-${made}`)
  write(root, service)
  const store = await openLayoutStore({ folder: at })
  const builder = createLayersBuilder({ into: store })
  const build = (text: string) => {
    write(root, { 'dist/server.js': text })
    return builder.build(request(root))
  }
  return { store, layout: at, root, build }
}

artifactStoreContract('layout', open)

function blobFile(layout: string, digest: string | undefined): string {
  return join(layout, 'blobs', 'sha256', (digest ?? '').slice('sha256:'.length))
}

function configOf(layout: string, digest: string): string {
  return JSON.parse(readFileSync(blobFile(layout, digest), 'utf8')).config.digest
}

function indexOf(layout: string): { manifests: { digest: string; annotations?: object }[] } {
  return JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
}

/** Changes one byte in the middle, the length stays. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

describe('the layout on disk', () => {
  it('is an OCI layout with a descriptor for each tag, or one without', async () => {
    const { store, layout, build } = await open()
    assert.equal(readFileSync(join(layout, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}')
    const { digest } = await build('one')
    const size = statSync(blobFile(layout, digest)).size
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    assert.deepEqual(indexOf(layout), {
      ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' },
      manifests: [{ mediaType, digest, size }],
    })
    await store.tag(digest, ['a:1', 'a:2'])
    assert.deepEqual(
      indexOf(layout).manifests.map(({ annotations }) => annotations),
      ['a:1', 'a:2'].map((tag) => ({ 'org.opencontainers.image.ref.name': tag })),
    )
  })

  it('writes only the app layer anew when only the app changed', async () => {
    const { layout, build } = await open()
    const one = await build('one')
    const dependencies = blobFile(layout, one.layers[0]?.digest)
    const { ino } = statSync(dependencies)
    const two = await build('two')
    assert.equal(two.layers[0]?.digest, one.layers[0]?.digest)
    assert.notEqual(two.layers[1]?.digest, one.layers[1]?.digest)
    assert.equal(statSync(dependencies).ino, ino)
  })

  it('is refused when it has another version', async () => {
    const { layout } = await open()
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
    await assert.rejects(open(layout), { code: 'layout-invalid', message: /2\.0\.0/ })
  })

  it('says so when its index is none', async () => {
    const { store, layout, build } = await open()
    const { digest } = await build('one')
    writeFileSync(join(layout, 'index.json'), '{"schemaVersion":2')
    await assert.rejects(store.resolve('a:1'), { code: 'layout-invalid' })
    await assert.rejects(store.tag(digest, ['a:1']), { code: 'layout-invalid' })
  })
})

describe('several writers', () => {
  it('lose no tag in one process', async () => {
    const { store, layout, build } = await open()
    const other = await openLayoutStore({ folder: layout })
    const { digest } = await build('one')
    const tags = Array.from({ length: 20 }, (_, index) => `a:${index}`)
    await Promise.all(tags.map((tag, index) => (index % 2 ? store : other).tag(digest, [tag])))
    for (const tag of tags) assert.equal(await store.resolve(tag), digest)
    assert.equal(indexOf(layout).manifests.length, 20)
  })

  it('lose no tag in several processes', async () => {
    const { store, layout, root, build } = await open()
    await build('one')
    const children = ['x', 'y', 'z'].map((name) => {
      const tags = Array.from({ length: 10 }, (_, index) => `${name}:${index}`)
      const child = spawn(process.execPath, [buildProgram, layout, root, ...tags], {
        stdio: 'inherit',
      })
      return { tags, ended: once(child, 'exit') }
    })
    for (const { ended } of children) assert.deepEqual(await ended, [0, null])
    for (const tag of children.flatMap(({ tags }) => tags)) {
      assert.notEqual(await store.resolve(tag), null, tag)
    }
  })
})

const buildProgram = join(import.meta.dirname, '..', 'testdata', 'build.ts')

describe('a corrupted blob', () => {
  const kinds: Readonly<Record<string, (layout: string, artifact: Artifact) => string>> = {
    manifest: (_, { digest }) => digest,
    config: (layout, { digest }) => configOf(layout, digest),
    'dependency layer': (_, { layers }) => layers[0]?.digest ?? '',
    'app layer': (_, { layers }) => layers[1]?.digest ?? '',
  }
  const harms: Readonly<Record<string, (file: string) => void>> = {
    'a changed byte': flip,
    'a cut-off end': (file) => writeFileSync(file, readFileSync(file).subarray(0, -700)),
    'nothing left': (file) => writeFileSync(file, ''),
    'no file': (file) => rmSync(file),
  }
  for (const [kind, blobOf] of Object.entries(kinds)) {
    for (const [harm, spoil] of Object.entries(harms)) {
      // Without its manifest an artifact is not there at all.
      const code =
        kind === 'manifest' && harm === 'no file' ? 'artifact-missing' : 'artifact-corrupted'
      it(`${kind}, ${harm}: is ${code}, and mended by building again`, async () => {
        const { store, layout, build } = await open()
        const artifact = await build('one')
        const digest = blobOf(layout, artifact)
        spoil(blobFile(layout, digest))
        const refusal = { name: 'ArtifactError', code, message: new RegExp(`${digest}.*build`) }
        await assert.rejects(store.unpack(artifact.digest), refusal)
        if (code === 'artifact-corrupted')
          await assert.rejects(store.inspect(artifact.digest), refusal)
        else assert.equal(await store.inspect(artifact.digest), null)
        assert.deepEqual(readdirSync(join(layout, 'unpacked')), [])
        assert.deepEqual(readdirSync(join(layout, 'tmp')), [])
        assert.deepEqual(await build('one'), artifact)
        const { folder: unpacked } = await store.unpack(artifact.digest)
        assert.equal(readFileSync(join(unpacked, 'dist/server.js'), 'utf8'), 'one')
      })
    }
  }
})

describe('what was not unpacked to its end', () => {
  const harms: Readonly<Record<string, (home: string) => void>> = {
    'without marker': (home) => rmSync(join(home, 'complete.json')),
    'with an empty marker': (home) => writeFileSync(join(home, 'complete.json'), ''),
    'from before the machine started': (home) => {
      const marker = JSON.parse(readFileSync(join(home, 'complete.json'), 'utf8'))
      writeFileSync(join(home, 'complete.json'), JSON.stringify({ ...marker, boot: 'before\n' }))
    },
  }
  for (const [what, spoil] of Object.entries(harms)) {
    it(`${what}, is never used`, async () => {
      const { store, build } = await open()
      const { digest } = await build('one')
      const { folder: unpacked } = await store.unpack(digest)
      spawnSync('chmod', ['-R', 'u+w', unpacked])
      rmSync(join(unpacked, 'dist/server.js'))
      spoil(join(unpacked, '..'))
      await store.unpack(digest)
      assert.equal(readFileSync(join(unpacked, 'dist/server.js'), 'utf8'), 'one')
    })
  }
})

describe('kill -9', () => {
  it('in a build or while unpacking leaves nothing visible, and nothing for long', async () => {
    const { store, layout, root, build } = await open()
    const { digest } = await build('one')
    const before = JSON.stringify(indexOf(layout))
    write(root, { 'dist/large': Buffer.alloc(60_000_000, 'x') })
    await killWhen(layout, root, () => readdirSync(join(layout, 'tmp')).length > 0)
    assert.equal(JSON.stringify(indexOf(layout)), before)
    assert.notDeepEqual(readdirSync(join(layout, 'tmp')), [])
    await openLayoutStore({ folder: layout })
    assert.deepEqual(readdirSync(join(layout, 'tmp')), [])
    assert.notEqual(await store.inspect(digest), null)

    const isUnpacking = () =>
      readdirSync(join(layout, 'tmp')).some((name) => existsSync(join(layout, 'tmp', name, 'app')))
    await killWhen(layout, root, isUnpacking)
    assert.deepEqual(readdirSync(join(layout, 'unpacked')), [])
    const large = indexOf(layout).manifests.find((each) => each.digest !== digest)?.digest ?? ''
    const { folder: unpacked } = await store.unpack(large)
    assert.equal(statSync(join(unpacked, 'dist/large')).size, 60_000_000)
  })
})

async function killWhen(layout: string, root: string, isTime: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [buildProgram, layout, root], { stdio: 'inherit' })
  const exited = once(child, 'exit')
  try {
    while (!isTime()) {
      assert.equal(child.exitCode, null, 'it ended before it could be killed')
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

describe('a full disk', () => {
  it('is a typed error, and no half blob is visible', async (t) => {
    const mount = join(folder, 'small')
    mkdirSync(mount)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount])
    if (mounted.status !== 0) return t.skip('needs the right to mount a small tmpfs (root)')
    try {
      const { store, layout, build, root } = await open(join(mount, 'layout'))
      const one = await build('one')
      const before = readdirSync(join(layout, 'blobs', 'sha256'))
      write(root, { 'dist/large': Buffer.alloc(2_000_000) })
      await assert.rejects(build('two'), {
        name: 'ArtifactError',
        code: 'disk-full',
        retry: 'later',
      })
      assert.deepEqual(readdirSync(join(layout, 'blobs', 'sha256')), before)
      assert.deepEqual(readdirSync(join(layout, 'tmp')), [])
      assert.deepEqual(await store.inspect(one.digest), one)
      rmSync(join(root, 'dist/large'))
      write(root, { 'dist/large': Buffer.alloc(700_000) })
      const two = await build('two')
      await assert.rejects(store.unpack(two.digest), { code: 'disk-full' })
      assert.deepEqual(readdirSync(join(layout, 'unpacked')), [])
      assert.deepEqual(readdirSync(join(layout, 'tmp')), [])
    } finally {
      spawnSync('umount', [mount])
    }
  })
})

describe('garbage', () => {
  it('is what is not kept: its tags, the blobs that only it used, where it was unpacked', async () => {
    const { store, layout, build } = await open()
    const [one, two] = [await build('one'), await build('two')]
    await store.tag(one.digest, ['a:1'])
    await store.tag(two.digest, ['a:2'])
    for (const { digest } of [one, two]) await store.unpack(digest)
    assert.equal(await store.gc({ keep: [one.digest, two.digest], graceMs: 0 }), 0)
    assert.equal(await store.gc({ keep: [two.digest] }), 0, 'all is too young to go')
    const freed = await store.gc({ keep: [two.digest], graceMs: 0 })
    assert.ok(freed > (one.layers[1]?.sizeBytes ?? 0))
    assert.equal(await store.inspect(one.digest), null)
    assert.equal(await store.resolve('a:1'), null)
    assert.deepEqual(await store.inspect(two.digest), two)
    assert.equal(await store.resolve('a:2'), two.digest)
    assert.deepEqual(readdirSync(join(layout, 'unpacked')), [two.digest.slice(7)])
    assert.deepEqual(await build('one'), one)
  })
})
