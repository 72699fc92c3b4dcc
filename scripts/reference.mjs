// Writes docs/slipway-yaml.md from the schema of slipway.yaml, so that the page says what `slipway
// explain` says: `node scripts/reference.mjs`. With `--print` it prints the page and writes nothing.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../src/config/index.ts'
import { root } from './bootstrap.mjs'

const page = join(root, 'docs', 'slipway-yaml.md')

const HEAD = `# slipway.yaml

<!-- Made by scripts/reference.mjs from src/config; a test fails when it is stale. -->

Every key, its form and its default. \`slipway explain PATH\` tells the same together with what holds in your project, \`slipway check\` tells all that is wrong with a file, and \`slipway schema --write FILE\` gives editors the schema. \`*\` stands for a name that you choose, or for a place in a list.
`

if (process.argv.includes('--print')) process.stdout.write(reference())
else writeFileSync(page, reference())

/** The whole page: a section for each map that has keys of its own, in the order of the schema. */
function reference() {
  const seen = { told: new Map(), repeated: new Set() }
  const sections = ['', ...mapsBelow('')].flatMap((path) => section(path, seen))
  return `${[HEAD, ...sections].join('\n')}`
}

/** Paths of all maps with known keys, each before the ones within it. */
function mapsBelow(path) {
  return explain(path, null).keys.flatMap(({ key }) => {
    const below = path === '' ? key : `${path}.${key}`
    return [below, `${below}.*`].filter(isMap).flatMap((map) => [map, ...mapsBelow(map)])
  })
}

/** Whether keys that are known may stand at a path. */
function isMap(path) {
  return isKnown(path) && explain(path, null).keys.length > 0
}

function isKnown(path) {
  try {
    explain(path, null)
    return true
  } catch (error) {
    if (error.code === 'project-path-unknown') return false
    throw error
  }
}

/**
 * Keys that were told under another path are not told again: the section names the place, and
 * what lies below it, or is a mere variable, needs no section at all.
 */
function section(path, { told, repeated }) {
  const { keys, meaning } = explain(path, null)
  const rows = keys.map(({ key }) => row(path === '' ? key : `${path}.${key}`, key)).join('\n')
  const head = `## ${path === '' ? 'The file' : `\`${path}\``}\n\n${meaning}\n`
  const before = told.get(rows)
  const isVariable = path.endsWith('.env.*')
  if (before !== undefined) {
    const isBelow = [...repeated].some((above) => path.startsWith(`${above}.`))
    repeated.add(path)
    return isBelow || isVariable ? [] : `${head}\nThe keys are those of \`${before}\`.\n`
  }
  told.set(rows, path)
  return `${head}\n| key | meaning | form | default |\n| --- | --- | --- | --- |\n${rows}\n`
}

function row(path, key) {
  const { meaning, type, required } = explain(path, null)
  const fallback = required ? '**must be written**' : defaultText(path)
  return `| \`${key}\` | ${cell(meaning)} | ${cell(formText(path, type))} | ${fallback} |`
}

/** Says an item's form once, and of a map what its names stand for. */
function formText(path, type) {
  if (type === 'a map' && isKnown(`${path}.*`)) {
    const { type: item, keys } = explain(`${path}.*`, null)
    return keys.length === 0 || path.endsWith('.env')
      ? `a map by name; each ${once(item)}`
      : 'a map by name: see below'
  }
  return once(type)
}

function once(type) {
  return type.replace(/^(.+), or a list, each \1$/, '$1, or a list of them')
}

/** A value in code font; words as they are. */
function defaultText(path) {
  const value = explain(path, null).default
  if (value === null) return '–'
  const isCode = value !== 'none' && /^[^\s:]+$|^\[.*\]$|^\{.*\}$/.test(value)
  return isCode ? `\`${value}\`` : cell(value)
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*')
}
