import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Absolute paths; nothing is created by naming it. */
export type Home = {
  readonly root: string
  /** SQLite event log. */
  readonly store: string
  /** OCI layout, and `unpacked/` beside its blobs. */
  readonly artifacts: string
  /** Step cache and logs of runs. */
  readonly cache: string
  readonly runs: string
  /** Checkouts of commits while they are built. */
  readonly checkouts: string
  /** The embedded environment repo (bare) and the clone that Slipway works in. */
  readonly environmentRepo: string
  readonly environmentClone: string
  /** What the node agent keeps: desired state, instances, logs. */
  readonly node: string
  readonly nodeSocket: string
  readonly serveSocket: string
}

export function homeOf(folder: string): Home {
  const root = resolve(folder)
  return {
    root,
    store: join(root, 'store.sqlite'),
    artifacts: join(root, 'artifacts'),
    cache: join(root, 'cache'),
    runs: join(root, 'runs'),
    checkouts: join(root, 'checkouts'),
    environmentRepo: join(root, 'environments.git'),
    environmentClone: join(root, 'environments.clone.git'),
    node: join(root, 'node'),
    nodeSocket: socketPath(root, 'node.sock'),
    serveSocket: socketPath(root, 'serve.sock'),
  }
}

/** Makes the folder, which Git then leaves alone: it is state, and the project's `.gitignore` need not name it. */
export function makeHome({ root }: Home): void {
  mkdirSync(root, { recursive: true })
  const ignore = join(root, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}

/**
 * The home that a command means: the folder named by hand, else `.slipway` beside the nearest
 * slipway.yaml from `cwd` upwards, else `.slipway` in `cwd`.
 */
export function findHome(cwd: string, named?: string): Home {
  if (named) return homeOf(resolve(cwd, named))
  return homeOf(join(findProjectFolder(cwd) ?? cwd, '.slipway'))
}

/** Absolute path of the nearest folder with a slipway.yaml, from `cwd` upwards; null: there is none. */
export function findProjectFolder(cwd: string): string | null {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'slipway.yaml'))) return folder
    if (dirname(folder) === folder) return null
  }
}

/** A Unix socket's path may have 107 bytes; a longer one goes to a folder of its own below the system's temporary one. */
function socketPath(root: string, name: string): string {
  const path = join(root, name)
  if (Buffer.byteLength(path) <= 100) return path
  const short = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join(tmpdir(), `slipway-${short}-${name}`)
}
