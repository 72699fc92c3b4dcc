import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { padding, type TarEntry, tarHeader } from '../layers/tar-header.ts'
import { workspace } from '../testdata/workspace.ts'
import { digestOf } from './blobs.ts'
import { unpackLayers } from './unpack.ts'

const folder = workspace('unpack')
let made = 0

type Part = Partial<TarEntry> & {
  readonly path: string
  readonly content?: string
  readonly flag?: string
}

/** A layer as somebody else might write it, whole by its digest. */
function layer(parts: readonly Part[]): { digest: string; file: string } {
  const blocks = parts.flatMap(({ content = '', flag, ...given }) => {
    const entry = { type: 'file', mode: 0o644, mtime: 1, target: '', ...given } as const
    const header = tarHeader({ ...entry, sizeBytes: content.length })
    return [
      flag === undefined ? header : withFlag(header, flag),
      Buffer.from(content),
      padding(content.length),
    ]
  })
  const bytes = Buffer.concat([...blocks, Buffer.alloc(1024)])
  made += 1
  const file = join(folder, `${made}.tar`)
  writeFileSync(file, bytes)
  return { digest: digestOf(bytes), file }
}

/** The same header for another type of entry, its sum put right. */
function withFlag(header: Buffer, flag: string): Buffer {
  header.write(flag, 156)
  header.write(' '.repeat(8), 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function target(): string {
  const path = join(folder, `target-${made}`, 'app')
  mkdirSync(path, { recursive: true })
  return path
}

const link = (path: string, to: string): Part => ({ path, type: 'link', target: to })

describe('what would leave the folder', () => {
  const cases: Readonly<Record<string, readonly Part[]>> = {
    'a path above': [{ path: 'app/../../evil' }],
    'an absolute path': [{ path: '/tmp/evil' }],
    'a path beside': [{ path: 'evil' }],
    'a path that begins like it': [{ path: 'apple/evil' }],
    'a path that is not plainly written': [{ path: 'app/./evil' }],
    'a backslash': [{ path: 'app/..\\evil' }],
    'an absolute link': [link('app/l', '/etc/passwd')],
    'a link above': [link('app/a/l', '../../evil')],
    'a link through a link': [link('app/x/y/l', '../..'), link('app/e', 'x/y/l/../../..')],
    'a link that only other links lead out': [
      link('app/a/b/up', '../..'),
      link('app/e', 'a/b/up/../..'),
    ],
    'a file through a link': [
      { path: 'app/d/', type: 'folder' },
      link('app/l', 'd'),
      { path: 'app/l/evil' },
    ],
    'a file over a link': [link('app/l', 'x'), { path: 'app/l', content: 'evil' }],
    'a folder over a file': [{ path: 'app/f' }, { path: 'app/f/', type: 'folder' }],
    'a hard link': [{ path: 'app/h', target: '/etc/passwd', flag: '1' }],
    'a device': [{ path: 'app/null', flag: '3' }],
    'a pipe': [{ path: 'app/pipe', flag: '6' }],
  }
  for (const [what, parts] of Object.entries(cases)) {
    it(`is refused: ${what}`, async () => {
      const packed = layer([{ path: 'app/first', content: 'x' }, ...parts])
      await assert.rejects(unpackLayers(target(), [packed]), {
        ...{ name: 'ArtifactError', code: 'artifact-unsafe' },
      })
      for (const evil of [join(folder, 'evil'), join(folder, '..', 'evil'), '/tmp/evil']) {
        assert.equal(existsSync(evil), false)
      }
    })
  }
})

describe('what stays in the folder', () => {
  it('is unpacked: folders that no entry names, links up and down, a link to nothing', async () => {
    const into = target()
    const parts = [
      { path: 'app/a/b/file', content: 'x' },
      link('app/a/up', '../a/b/file'),
      link('app/a/b/top', '../..'),
      link('app/nothing', 'not/there'),
    ]
    await unpackLayers(into, [layer(parts), layer([{ path: 'app/a/second', content: 'y' }])])
    assert.equal(readFileSync(join(into, 'a/up'), 'utf8'), 'x')
    assert.equal(readFileSync(join(into, 'a/b/top/a/second'), 'utf8'), 'y')
  })
})

describe('a layer that does not match its digest', () => {
  it('is corrupted before it is unsafe', async () => {
    const { file } = layer([{ path: '/tmp/evil' }])
    const digest = `sha256:${'1'.repeat(64)}`
    await assert.rejects(unpackLayers(target(), [{ digest, file }]), { code: 'artifact-corrupted' })
  })

  it('is corrupted when it is no tar at all', async () => {
    const file = join(folder, 'garbage.tar')
    writeFileSync(file, 'garbage'.repeat(500))
    const digest = `sha256:${'1'.repeat(64)}`
    await assert.rejects(unpackLayers(target(), [{ digest, file }]), { code: 'artifact-corrupted' })
  })

  it('is corrupted when it is not there', async () => {
    symlinkSync('/nowhere', join(folder, 'gone.tar'))
    const gone = { digest: `sha256:${'1'.repeat(64)}`, file: join(folder, 'gone.tar') }
    await assert.rejects(unpackLayers(target(), [gone]), { code: 'artifact-corrupted' })
  })
})
