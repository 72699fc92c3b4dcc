import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...below('docs')]

test('every link between pages leads somewhere', () => {
  const dead = pages.flatMap((page) =>
    linksOf(page)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page} → ${target}`),
  )
  assert.deepEqual(dead, [])
})

test('every page of docs/ is in its index', () => {
  const linked = new Set(linksOf('docs/README.md').map((target) => join('docs', target)))
  const missing = below('docs').filter((page) => page !== 'docs/README.md' && !linked.has(page))
  assert.deepEqual(missing, [], 'name them in docs/README.md')
})

test('every file that ARCHITECTURE.md and the decisions name is there', () => {
  const gone = ['ARCHITECTURE.md', ...below('docs/decisions')].flatMap((page) =>
    namedFiles(page)
      .filter((file) => !['', 'src'].some((folder) => existsSync(join(root, folder, file))))
      .map((file) => `${page} → ${file}`),
  )
  assert.deepEqual(gone, [])
})

test('the README names only verbs that there are', () => {
  const verbs = [...read('src/cli/verbs.ts').matchAll(/name: '([a-z]+)'/g)].map(([, verb]) => verb)
  const named = [...read('README.md').matchAll(/(?:^|`)slipway ([a-z]+)/gm)].map(([, verb]) => verb)
  assert.ok(named.length > 5)
  assert.deepEqual(
    named.filter((verb) => !verbs.includes(verb)),
    [],
  )
})

function below(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => relative(root, join(root, folder, file)))
}

/** Targets in this repository, without the part after `#`. */
function linksOf(page: string): readonly string[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}

/** `rollout/decide.ts` and the like in code font. */
function namedFiles(page: string): readonly string[] {
  return [...read(page).matchAll(/`([a-z][\w-]*\/[\w./-]+\.(?:ts|mjs|md))`/g)]
    .map(([, file]) => file!)
    .filter((file) => !file.includes('NAME'))
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}
