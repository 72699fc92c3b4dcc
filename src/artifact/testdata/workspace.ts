import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import type { BuildRequest } from '../artifact.ts'

/** A temporary folder of the test file, removed at its end. */
export function workspace(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `slipway-${name}-`))
  after(() => {
    // Unpacked folders are read-only.
    execFileSync('chmod', ['-R', 'u+w', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Writes files below a folder, in the order given; a name that ends with `*` is executable. */
export function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name.replace(/\*$/, ''))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { mode: name.endsWith('*') ? 0o755 : 0o644 })
  }
}

export const commit = '0123456789abcdef0123456789abcdef01234567'

export function request(root: string, changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    ...{ service: 'catalog', root, output: ['dist'], dependencies: ['node_modules'] },
    start: 'node dist/server.js',
    labels: {
      commit,
      source: 'https://git.example.com/shop.git',
      version: '1.2.3',
      committedAt: 1_700_000_000,
    },
    ...changes,
  }
}

/** A small service with runtime and development dependencies. */
export const service = {
  'dist/server.js': 'console.log("hello")\n',
  'dist/bin/run*': '#!/bin/sh\n',
  'dist/ü and a space.txt': 'ü',
  'dist/empty': '',
  'node_modules/hono/index.js': 'hono',
  'node_modules/hono/node_modules/inner/index.js': 'inner',
  'node_modules/vitest/index.js': 'vitest',
  'node_modules/@types/node/index.d.ts': 'types',
  'node_modules/@hono/server/index.js': 'server',
  'node_modules/either/index.js': 'either',
  'node_modules/.cache/x': '/home/ada/x',
  'node_modules/.bin/shim': '#!/bin/sh\nexec /home/ada/shim\n',
  'node_modules/.package-lock.json': JSON.stringify({
    packages: {
      'node_modules/hono': {},
      'node_modules/hono/node_modules/inner': {},
      'node_modules/@hono/server': {},
      'node_modules/either': { devOptional: true },
      'node_modules/vitest': { dev: true },
      'node_modules/@types/node': { dev: true },
    },
  }),
}
