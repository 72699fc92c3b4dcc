import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import picomatch from 'picomatch'
import { Tree } from './tree.ts'

function tree(...paths: readonly string[]): Tree {
  return new Tree(paths.map((path) => ({ path, mode: '100644', blob: path })))
}

function selected(from: Tree, ...globs: readonly string[]): readonly string[] {
  return from.select(globs).map(({ path }) => path)
}

const FILES = tree('z', 'a/b.ts', 'a/.env', 'a/c/d.ts', 'a-b/x.ts', 'a.ts', 'ab/y.md')

test('a folder means all in it and no neighbour', () => {
  assert.deepEqual(selected(FILES, 'a'), ['a/.env', 'a/b.ts', 'a/c/d.ts'])
  assert.deepEqual(selected(FILES, 'a/'), ['a/.env', 'a/b.ts', 'a/c/d.ts'])
  assert.deepEqual(selected(FILES, 'a/**'), ['a/.env', 'a/b.ts', 'a/c/d.ts'])
})

test('a file means itself; a glob that starts with ! takes away from those before', () => {
  assert.deepEqual(selected(FILES, 'z', 'a.ts', 'nothing'), ['a.ts', 'z'])
  assert.deepEqual(selected(FILES, '**', '!a/**', '!**/*.md'), ['a-b/x.ts', 'a.ts', 'z'])
})

test('selects what picomatch would, without looking at the whole tree', () => {
  const part = fc.constantFrom('a', 'b', 'a-b', 'c.ts', '.d')
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const pattern = fc
    .array(fc.oneof(part, fc.constantFrom('*', '**', '*.ts', '{a,b}')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join('/'))
    .filter((glob) => /[*{]/.test(glob) && !glob.includes('**/**'))
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 20 }), pattern, (paths, glob) => {
      const matches = picomatch(glob, { dot: true })
      const isFolder = (each: string) => glob.endsWith('/**') && each === glob.slice(0, -3)
      const expected = paths.filter((each) => matches(each) && !isFolder(each)).sort()
      assert.deepEqual(selected(tree(...paths), glob), expected)
    }),
  )
})

test('the digest changes with a path, a mode and a content, and with nothing outside', () => {
  const digest = (path: string, mode: string, blob: string) =>
    new Tree([
      { path, mode, blob },
      { path: 'z', mode, blob },
    ]).digest(['a/**'])
  const base = digest('a/b', '100644', '1')
  assert.equal(digest('a/b', '100644', '1'), base)
  for (const other of [
    digest('a/c', '100644', '1'),
    digest('a/b', '100755', '1'),
    digest('a/b', '100644', '2'),
  ]) {
    assert.notEqual(other, base)
  }
})
