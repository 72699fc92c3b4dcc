// Makes a checkout ready on any machine with git and Node >= 20 with npm: installs what the lockfile
// names when it is not there, and builds the bundle when a source is newer. Plain JavaScript without
// dependencies, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const node24 = join(root, 'node_modules', 'node', 'bin', 'node')
export const bundle = join(root, 'dist', 'slipway.js')
const stamp = join(root, 'node_modules', '.slipway-installed')

/** Installs and builds what is missing; what it says goes to standard error. */
export function bootstrap() {
  refuseOldNode()
  install()
  build()
}

export function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && existsSync(node24) && readFileSync(stamp, 'utf8') === wanted) return
  say('installing what the lockfile names (once) …')
  // Not `npm ci`: it refuses a lockfile that lacks some platform's optional packages, and a
  // registry that lacks one of them can only write such a lockfile. `--no-save` leaves both files be.
  const npm = [
    'install',
    '--no-save',
    '--loglevel=error',
    '--no-progress',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ]
  run('npm', npm, 'npm install failed: see its message above')
  if (!existsSync(node24)) {
    fail(
      'the package `node` brought no binary: npm must be allowed its install script (npm config get ignore-scripts)',
    )
  }
  writeFileSync(stamp, wanted)
}

export function build() {
  if (existsSync(bundle) && statSync(bundle).mtimeMs >= newest(join(root, 'src'))) return
  mkdirSync(dirname(bundle), { recursive: true })
  run(node24, [join(root, 'scripts', 'build.mjs')], 'the build failed: see its message above')
}

/** Runs a program in the checkout with Node 24 first on PATH; its output goes to standard error. */
export function run(program, args, otherwise) {
  const path = `${dirname(node24)}:${process.env.PATH}`
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, PATH: existsSync(node24) ? path : process.env.PATH },
  })
  if (result.error) fail(`${program} cannot be started: ${result.error.message}`)
  if (result.status !== 0) fail(otherwise)
}

function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20)
    fail(`Node ${process.versions.node} is too old to install Slipway: use Node 20 or newer`)
}

/** Time of the newest file below a folder, in milliseconds. */
function newest(folder) {
  let time = statSync(join(root, 'package-lock.json')).mtimeMs
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.test.ts')) continue
    time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return time
}

function say(text) {
  process.stderr.write(`slipway: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(3)
}
