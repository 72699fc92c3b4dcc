// Bundles src/main.ts into dist/: one entry and a chunk for what only some verbs need, so that the
// command line starts fast.
import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { root } from './bootstrap.mjs'

const DAY_MS = 24 * 3600 * 1000
const dist = join(root, 'dist')

// `import 'node:http'` reads every export at once, WebSocket among them, for which Node loads its own
// undici: some 30 ms of each start. Taken as an object, only what is used is read.
const leanHttp = {
  name: 'lean-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'node:http', namespace: 'lean-http' }))
    onLoad({ filter: /.*/, namespace: 'lean-http' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http')",
    }))
  },
}

const { metafile } = await build({
  entryPoints: { slipway: join(root, 'src', 'main.ts') },
  outdir: dist,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  metafile: true,
  // Only the main job asks for it, and only where DATABASE_URL names a server.
  external: ['pg'],
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [leanHttp],
  define: { SLIPWAY_BUILD: JSON.stringify(stamp()) },
  // Dependencies written for CommonJS ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
})
removeOld(new Set(Object.keys(metafile.outputs).map((file) => resolve(root, file))))

/** Changes with any source and any dependency: what one build remembers is not read by another. */
function stamp() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  const sources = globSync('src/**/*.ts', { cwd: root }).sort()
  for (const file of sources.filter((each) => !each.endsWith('.test.ts'))) {
    hash.update(`\n${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Chunks of an older build stay for a day: a process that runs may still ask for one. */
function removeOld(fresh) {
  for (const name of readdirSync(dist)) {
    const file = join(dist, name)
    if (fresh.has(file) || Date.now() - statSync(file).mtimeMs < DAY_MS) continue
    rmSync(file, { recursive: true })
  }
}
