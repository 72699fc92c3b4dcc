// Bundles src/main.ts into dist/: one entry and a chunk for what only some verbs need, so that the
// command line starts fast.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './bootstrap.mjs'

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  entryPoints: { slipway: join(root, 'src', 'main.ts') },
  outdir: join(root, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  // Only the main job asks for it, and only where DATABASE_URL names a server.
  external: ['pg'],
  legalComments: 'none',
  logLevel: 'warning',
  // Dependencies written for CommonJS ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
})
