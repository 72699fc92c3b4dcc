import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const src = import.meta.dirname
const architecture = join(dirname(src), 'ARCHITECTURE.md')

type Import = {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly target: string
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .filter((file) => !/testdata|testing\/|\.contract\.ts$|\.test\.ts$/.test(file))
const imports = files.flatMap(importsOf)
const allowed = arrowsOf(readFileSync(architecture, 'utf8'))

test('every room is in the table of ARCHITECTURE.md, and no other', () => {
  const rooms = readdirSync(src, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  assert.deepEqual([...allowed.keys()].sort(), rooms.sort())
})

test('rooms use each other only along the arrows of the table', () => {
  const wrong = imports
    .filter(({ from, to }) => from !== to && to !== 'errors' && !allowed.get(from)?.has(to))
    .map(({ file, to }) => `${file} uses ${to}`)
  assert.deepEqual([...new Set(wrong)], [])
})

test('no arrow of the table is unused', () => {
  const used = new Set(imports.map(({ from, to }) => `${from} → ${to}`))
  const unused = [...allowed].flatMap(([from, targets]) =>
    [...targets].map((to) => `${from} → ${to}`).filter((arrow) => !used.has(arrow)),
  )
  assert.deepEqual(unused, [])
})

test('a room is entered by its index, a sub-room by its own', () => {
  const wrong = imports
    .filter(({ from, to }) => from !== to)
    .filter(({ from, target }) => !isFace(from, target))
    .map(({ file, target }) => `${file} enters ${target}`)
  assert.deepEqual(wrong, [])
})

test('imports make no cycle, types included', () => {
  const edges = new Map<string, string[]>()
  for (const { file, target } of imports) edges.set(file, [...(edges.get(file) ?? []), target])
  assert.deepEqual(cycleIn(edges), [])
})

/** Adapters are known to main, to their own kind, and to the room that remotes them. */
function isFace(from: string, target: string): boolean {
  const parts = target.split('/')
  if (parts.at(-1) !== 'index.ts') return false
  return parts.length === 2 || from === 'main' || from === 'node'
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)
  return [...found].map(([, path]) => {
    const target = relative(src, resolve(src, dirname(file), path!))
    return { file, from: roomOf(file), to: roomOf(target), target }
  })
}

/** `main.ts` and what is in `main/` are one room. */
function roomOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '')
}

/** Rows `| room | what it owns | may use |` of the table under `## Rooms`. */
function arrowsOf(text: string): Map<string, Set<string>> {
  const section = text.split(/^## /m).find((part) => part.startsWith('Rooms')) ?? ''
  const rows = section.matchAll(/^\| `([a-z]+)` *\|[^|]*\|([^|]*)\|$/gm)
  return new Map([...rows].map(([, room, uses]) => [room!, new Set(uses!.match(/[a-z]+/g) ?? [])]))
}

/** The first cycle as a path; empty: there is none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): readonly string[] => {
    const at = path.indexOf(file)
    if (at >= 0) return [...path.slice(at), file]
    if (done.has(file)) return []
    for (const next of edges.get(file) ?? []) {
      const cycle = walk(next, [...path, file])
      if (cycle.length > 0) return cycle
    }
    done.add(file)
    return []
  }
  for (const file of edges.keys()) {
    const cycle = walk(file, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
