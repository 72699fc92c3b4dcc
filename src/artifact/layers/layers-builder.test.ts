import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Artifact, BuildRequest } from '../artifact.ts'
import { openLayoutStore } from '../layout/index.ts'
import { commit, request, service, workspace, write } from '../testdata/workspace.ts'
import { createLayersBuilder } from './layers-builder.ts'

const folder = workspace('layers')
let made = 0

function newRoot(files: Readonly<Record<string, string | Buffer>> = service): string {
  made += 1
  const root = join(folder, `service-${made}`)
  write(root, files)
  return root
}

async function build(
  root: string,
  changes: Partial<BuildRequest> = {},
  layout = join(folder, 'layout'),
): Promise<Artifact> {
  const into = await openLayoutStore({ folder: layout })
  return createLayersBuilder({ into }).build(request(root, changes))
}

function blob(digest: string, layout = join(folder, 'layout')): string {
  return join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length))
}

function json<T>(digest: string): T {
  return JSON.parse(readFileSync(blob(digest), 'utf8'))
}

/** What GNU tar reads in a layer: `MODE OWNER SIZE DATE TIME NAME`. */
function listing(digest: string | undefined): string[] {
  const options = ['--full-time', '--utc', '--quoting-style=literal', '-tvf', blob(digest ?? '')]
  const output = execFileSync('tar', options, { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '))
}

function names(digest: string | undefined): string[] {
  return listing(digest).map((line) => line.split(' ').slice(5).join(' ').split(' -> ')[0] ?? '')
}

describe('the digest of an artifact', () => {
  it('is the same for the same files, whatever folder, order, time, umask and layout', async () => {
    const one = await build(newRoot())
    const before = process.umask(0o077)
    try {
      const root = newRoot(Object.fromEntries(Object.entries(service).reverse()))
      utimesSync(join(root, 'dist/server.js'), 1, 1)
      chmodSync(join(root, 'dist/server.js'), 0o600)
      chmodSync(join(root, 'dist'), 0o700)
      const two = await build(root, {}, join(folder, 'other-layout'))
      assert.deepEqual(two, one)
    } finally {
      process.umask(before)
    }
  })

  it('is the same whatever the order of the paths', async () => {
    const root = newRoot()
    const paths = ['dist/server.js', 'dist/bin', 'dist/empty']
    const one = await build(root, { output: paths })
    assert.equal((await build(root, { output: paths.reverse() })).digest, one.digest)
  })

  it('never changes from one Slipway to the next', async () => {
    // Layers hold nothing of the machine. When this fails, every cached artifact is built again:
    // change the numbers only when that is meant.
    const { layers } = await build(newRoot())
    assert.deepEqual(
      layers.map(({ digest }) => digest),
      [
        'sha256:f7de63e9decfd453a93193c4cbb7e9ac534863f4b546058045dd5a705b95b283',
        'sha256:eb66fd9bb944fa2b4a6a765a22621597e8e8b6adac0581e1984a99bcea63bc2e',
      ],
    )
  })

  const changes: Readonly<Record<string, (root: string) => Partial<BuildRequest>>> = {
    'one byte': (root) => {
      write(root, { 'dist/server.js': 'console.log("hellp")\n' })
      return {}
    },
    'an executable bit': (root) => {
      chmodSync(join(root, 'dist/server.js'), 0o755)
      return {}
    },
    'a new empty folder': (root) => {
      mkdirSync(join(root, 'dist/new'))
      return {}
    },
    'the start command': () => ({ start: 'node other.js' }),
    'the commit': (root) => ({ labels: { ...request(root).labels, commit: 'f'.repeat(40) } }),
  }
  for (const [what, change] of Object.entries(changes)) {
    it(`is another after a change of ${what}, and the dependency layer is not`, async () => {
      const root = newRoot()
      const before = await build(root)
      const after = await build(root, change(root))
      assert.notEqual(after.digest, before.digest)
      assert.deepEqual(after.layers[0], before.layers[0])
    })
  }

  it('does not change with a development dependency', async () => {
    const root = newRoot()
    const before = await build(root)
    const lock = JSON.parse(service['node_modules/.package-lock.json'])
    lock.packages['node_modules/@new/tool'] = { dev: true }
    write(root, {
      'node_modules/.package-lock.json': JSON.stringify(lock),
      'node_modules/@new/tool/index.js': 'tool',
    })
    assert.equal((await build(root)).digest, before.digest)
  })
})

describe('the layers', () => {
  it('hold the app with fixed owner, time and modes, sorted', async () => {
    const { layers } = await build(newRoot())
    assert.deepEqual(listing(layers[1]?.digest), [
      'drwxr-xr-x 0/0 0 2023-11-14 22:13:20 app/',
      'drwxr-xr-x 0/0 0 2023-11-14 22:13:20 app/dist/',
      'drwxr-xr-x 0/0 0 2023-11-14 22:13:20 app/dist/bin/',
      '-rwxr-xr-x 0/0 10 2023-11-14 22:13:20 app/dist/bin/run',
      '-rw-r--r-- 0/0 0 2023-11-14 22:13:20 app/dist/empty',
      '-rw-r--r-- 0/0 21 2023-11-14 22:13:20 app/dist/server.js',
      '-rw-r--r-- 0/0 2 2023-11-14 22:13:20 app/dist/ü and a space.txt',
    ])
  })

  it('hold what is not for development, and commands of that', async () => {
    const root = newRoot()
    symlinkSync('../hono/index.js', join(root, 'node_modules/.bin/hono'))
    symlinkSync('../vitest/index.js', join(root, 'node_modules/.bin/vitest'))
    const { layers } = await build(root)
    const files = names(layers[0]?.digest).filter((name) => !name.endsWith('/'))
    assert.deepEqual(files, [
      'app/node_modules/.bin/hono',
      'app/node_modules/@hono/server/index.js',
      'app/node_modules/either/index.js',
      'app/node_modules/hono/index.js',
      'app/node_modules/hono/node_modules/inner/index.js',
    ])
    assert.equal(names(layers[0]?.digest).includes('app/node_modules/@types/'), false)
    assert.equal(layers[0]?.title, 'dependencies')
  })

  it('read package-lock.json where npm left no lockfile of its own', async () => {
    const { 'node_modules/.package-lock.json': lock, ...files } = service
    const { layers } = await build(newRoot({ ...files, 'package-lock.json': lock }))
    assert.equal(layers[0]?.digest, (await build(newRoot())).layers[0]?.digest)
  })

  it('hold everything without a lockfile, and say so', async () => {
    const { 'node_modules/.package-lock.json': _, ...files } = service
    const { layers } = await build(newRoot(files))
    assert.ok(names(layers[0]?.digest).includes('app/node_modules/vitest/index.js'))
    assert.match(layers[0]?.title ?? '', /no lockfile/)
  })

  it('are one where there are no dependencies', async () => {
    const { layers } = await build(newRoot({ 'dist/server.js': 'x' }))
    assert.deepEqual(
      layers.map(({ title }) => title),
      ['app'],
    )
  })

  it('leave Git, Slipway and the dependencies out of an app that is its sources', async () => {
    const root = newRoot({ ...service, '.git': 'gitdir: /home/ada', '.slipway/x': '', 'a.js': '' })
    const { layers } = await build(root, { output: ['.', 'dist', './dist/server.js'] })
    const found = names(layers[1]?.digest)
    assert.deepEqual(
      found.filter((name) => /git|slipway|node_modules/.test(name)),
      [],
    )
    assert.equal(new Set(found).size, found.length)
    assert.ok(found.includes('app/a.js'))
  })

  it('keep links and names of any length', async () => {
    const long = `${'deep/'.repeat(30)}${'ü'.repeat(100)}.txt`
    const root = newRoot({ [`dist/${long}`]: 'x', 'dist/a': 'y' })
    symlinkSync(long, join(root, 'dist/link'))
    const { layers, digest } = await build(root)
    assert.ok(names(layers[0]?.digest).includes(`app/dist/${long}`))
    assert.ok(listing(layers[0]?.digest).some((line) => line.endsWith(`app/dist/link -> ${long}`)))
    const store = await openLayoutStore({ folder: join(folder, 'layout') })
    const unpacked = await store.unpack(digest)
    assert.equal(readFileSync(join(unpacked.folder, 'dist/link'), 'utf8'), 'x')
  })
})

describe('the image', () => {
  it('says how it is started and where it comes from', async () => {
    const { digest } = await build(newRoot())
    const manifest: { config: { digest: string }; annotations: unknown; layers: unknown[] } =
      json(digest)
    const labels = {
      'org.opencontainers.image.created': '2023-11-14T22:13:20Z',
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.source': 'https://git.example.com/shop.git',
      'org.opencontainers.image.title': 'catalog',
      'org.opencontainers.image.version': '1.2.3',
    }
    assert.deepEqual(manifest.annotations, labels)
    const config: { config: unknown; os: string; rootfs: { diff_ids: unknown[] } } = json(
      manifest.config.digest,
    )
    assert.deepEqual(config.config, {
      ...{ Entrypoint: ['/bin/sh', '-c'], Cmd: ['node dist/server.js'], WorkingDir: '/app' },
      Labels: labels,
    })
    assert.equal(config.os, process.platform)
    assert.equal(config.rootfs.diff_ids.length, 2)
  })

  it('is read by skopeo under its tags', async (t) => {
    if (spawnSync('skopeo', ['--version']).error) return t.skip('needs skopeo (apt install skopeo)')
    const { digest } = await build(newRoot())
    const layout = join(folder, 'layout')
    const store = await openLayoutStore({ folder: layout })
    await store.tag(digest, [`catalog:${commit}`, 'catalog:1.2.3'])
    for (const tag of [`catalog:${commit}`, 'catalog:1.2.3']) {
      const said = execFileSync('skopeo', ['inspect', `oci:${layout}:${tag}`], { encoding: 'utf8' })
      assert.equal(JSON.parse(said).Digest, digest)
    }
  })
})

describe('what cannot be packed', () => {
  const cases: Readonly<Record<string, [string, (root: string) => Partial<BuildRequest>]>> = {
    'a path that is not there': ['output-missing', () => ({ output: ['build'] })],
    'a path above': ['output-outside', () => ({ output: ['../x'] })],
    'an absolute path': ['output-outside', () => ({ output: ['/etc/passwd'] })],
    'a path through a link that leads out': [
      'output-outside',
      (root) => {
        symlinkSync('/etc', join(root, 'etc'))
        return { output: ['etc/passwd'] }
      },
    ],
    'an absolute link': [
      'link-outside',
      (root) => {
        symlinkSync('/etc/passwd', join(root, 'dist/link'))
        return {}
      },
    ],
    'a link to another package of the workspace': [
      'link-outside',
      (root) => {
        symlinkSync('../../orders', join(root, 'node_modules/orders'))
        return {}
      },
    ],
    'a pipe': [
      'output-unsupported',
      (root) => {
        execFileSync('mkfifo', [join(root, 'dist/pipe')])
        return {}
      },
    ],
    'a whiteout': [
      'output-unsupported',
      (root) => {
        write(root, { 'dist/.wh.server.js': '' })
        return {}
      },
    ],
    'a broken lockfile': [
      'lockfile-invalid',
      (root) => {
        write(root, { 'node_modules/.package-lock.json': '{' })
        return {}
      },
    ],
  }
  for (const [what, [code, spoil]] of Object.entries(cases)) {
    it(`${what} is ${code}`, async () => {
      const root = newRoot()
      await assert.rejects(build(root, spoil(root)), {
        name: 'ArtifactError',
        code,
        fault: 'input',
      })
    })
  }

  it('a file that grows while it is read is output-changed', async () => {
    const root = newRoot({ 'dist/a': 'a'.repeat(100), 'dist/b': 'b' })
    const into = await openLayoutStore({ folder: join(folder, 'layout') })
    const spoiling = {
      ...into,
      writeBlob: (bytes: AsyncIterable<Uint8Array>) => {
        appendFileSync(join(root, 'dist/b'), 'more')
        return into.writeBlob(bytes)
      },
    }
    const builder = createLayersBuilder({ into: spoiling })
    await assert.rejects(builder.build(request(root)), { code: 'output-changed' })
  })

  it('a build that is aborted leaves nothing', async () => {
    const root = newRoot()
    const layout = join(folder, 'aborted')
    await assert.rejects(build(root, { signal: AbortSignal.abort() }, layout), /abort/i)
    assert.deepEqual(
      execFileSync('find', [layout, '-type', 'f'], { encoding: 'utf8' }).split('\n'),
      [join(layout, 'oci-layout'), ''],
    )
  })
})
