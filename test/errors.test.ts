import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')
const pages = join(root, 'docs', 'errors')

/** `type ConfigErrorCode = 'a' | 'b'`, in one line or several. */
const UNION = /type \w+ErrorCode =(?:\s*\|?\s*'[a-z-]+')+/g

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({
    room: file.split('/')[0]!.replace(/\.ts$/, ''),
    text: readFileSync(join(src, file), 'utf8'),
  }))
const codesByRoom = new Map(
  sources.flatMap(({ room, text }) => unionsOf(text).map((codes) => [room, codes] as const)),
)

test('each room with errors has a page of them, and no other', () => {
  const files = readdirSync(pages).map((file) => file.replace(/\.md$/, ''))
  assert.deepEqual(files.toSorted(), [...codesByRoom.keys()].toSorted())
})

for (const [room, codes] of codesByRoom) {
  test(`${room}: every code has its paragraph, and every paragraph its code`, () => {
    const page = readFileSync(join(pages, `${room}.md`), 'utf8')
    const headings = [...page.matchAll(/^## (\S+)\s+\S/gm)].map(([, heading]) => heading)
    assert.deepEqual(headings.toSorted(), codes.toSorted())
  })

  test(`${room}: every code is used somewhere`, () => {
    const all = sources.map(({ text }) => text.replaceAll(UNION, '')).join('\n')
    const unused = codes.filter((code) => !all.includes(`'${code}'`))
    assert.deepEqual(unused, [])
  })
}

function unionsOf(text: string): readonly (readonly string[])[] {
  return (text.match(UNION) ?? []).map((union) =>
    [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code!),
  )
}
