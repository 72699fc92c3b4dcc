import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tree } from './candidate.ts'

/** Folders that hold what was fetched or made, never what a person wrote. */
const skipped = new Set([
  'node_modules',
  'vendor',
  'dist',
  'build',
  'out',
  'target',
  'coverage',
  'venv',
  '__pycache__',
  'testdata',
])

const MAX_FILES = 50_000
const MAX_DEPTH = 8
const MAX_READ_BYTES = 512 * 1024

/** The files below a folder on disk, without hidden ones and what was fetched or made. Links are not followed. */
export function listing(root: string): Tree {
  const files: string[] = []
  collect('', 0)
  const known = new Set(files)
  const texts = new Map<string, string | null>()
  return { files: files.toSorted(), read }

  function collect(folder: string, depth: number): void {
    if (depth > MAX_DEPTH) return
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (files.length >= MAX_FILES) return
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.')) continue
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && !skipped.has(entry.name)) collect(path, depth + 1)
    }
  }

  function read(path: string): string | null {
    if (!known.has(path)) return null
    const seen = texts.get(path)
    if (seen !== undefined) return seen
    const isLarge = statSync(join(root, path)).size > MAX_READ_BYTES
    const text = isLarge ? null : readFileSync(join(root, path), 'utf8')
    texts.set(path, text)
    return text
  }
}
