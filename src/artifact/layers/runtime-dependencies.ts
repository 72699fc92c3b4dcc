import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { z } from 'zod'
import { inputError, isSystemError } from '../artifact-error.ts'
import { type Entry, isLinkOutside } from './tree.ts'

/** What of a `node_modules` folder is only for development, by the lockfile that npm wrote. */
export type DevelopmentPackages = {
  /** Null: there is no lockfile, so everything is taken. */
  readonly lockfile: string | null
  /** Paths of packages, relative to root. */
  readonly folders: ReadonlySet<string>
}

const lockfileSchema = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })).optional(),
})

/**
 * Reads `node_modules/.package-lock.json`, else `package-lock.json` beside the folder. A package is
 * for development when it is marked `dev`; `devOptional` also serves a runtime package, so it stays,
 * as with `npm ci --omit=dev`.
 * Format: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages
 * @param folder of node_modules, relative to root
 * @throws ArtifactError `lockfile-invalid`
 */
export async function developmentPackages(
  root: string,
  folder: string,
): Promise<DevelopmentPackages> {
  const beside = posix.dirname(folder)
  for (const lockfile of [
    `${folder}/.package-lock.json`,
    posix.join(beside, 'package-lock.json'),
  ]) {
    const text = await textOf(join(root, lockfile))
    if (text === null) continue
    const packages = Object.entries(parse(text, lockfile))
    const marked = packages.filter(([, { dev }]) => dev === true)
    return { lockfile, folders: new Set(marked.map(([path]) => posix.join(beside, path))) }
  }
  return { lockfile: null, folders: new Set() }
}

// Caches of tools and npm's own notes: they change without a package changing, and carry absolute paths.
const notes = new Set([
  '.cache',
  '.package-lock.json',
  '.vite',
  '.vite-temp',
  '.yarn-integrity',
  '.yarn-state.yml',
])

/** Whether a path below node_modules stays out of the layer. */
export function isForDevelopment(path: string, packages: DevelopmentPackages): boolean {
  const inNodeModules = posix.basename(posix.dirname(path)) === 'node_modules'
  return packages.folders.has(path) || (inNodeModules && notes.has(posix.basename(path)))
}

/**
 * Without commands of packages that were left out, command files that carry absolute paths (`.bin`
 * keeps its links only), and scopes in which nothing is left.
 */
export function withoutLeftovers(entries: readonly Entry[]): Entry[] {
  const paths = new Set(entries.map(({ path }) => path))
  const kept = entries.filter((entry) => {
    const folder = posix.dirname(entry.path)
    if (posix.basename(folder) !== '.bin' || !inNodeModules(folder)) return true
    return entry.kind === 'link' && leadsTo(entry, paths)
  })
  const parents = new Set(kept.map(({ path }) => posix.dirname(path)))
  return kept.filter(({ kind, path }) => {
    const isHolder = /^(@.*|\.bin)$/.test(posix.basename(path)) && inNodeModules(path)
    return !(kind === 'folder' && isHolder && !parents.has(path))
  })
}

function inNodeModules(path: string): boolean {
  return posix.basename(posix.dirname(path)) === 'node_modules'
}

function leadsTo(link: Extract<Entry, { kind: 'link' }>, paths: ReadonlySet<string>): boolean {
  if (isLinkOutside(link.path, link.target)) return false
  return paths.has(posix.join(posix.dirname(link.path), link.target))
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}

function parse(text: string, lockfile: string): Record<string, { dev?: boolean | undefined }> {
  try {
    return lockfileSchema.parse(JSON.parse(text)).packages ?? {}
  } catch (error) {
    throw inputError(
      'lockfile-invalid',
      `${lockfile} is no lockfile of npm (${error instanceof Error ? error.name : 'unreadable'}): run npm install again`,
    )
  }
}
