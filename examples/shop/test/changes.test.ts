/**
 * The changes that the main job sends, applied in order to a fresh repository of the shop: after each,
 * the services that it touches still build and pass their tests, the bad one too. That is its point:
 * only real traffic finds it.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { cartOf, type Product } from '../../../src/demo/load-shop.ts'
import { randomFrom } from '../../../src/demo/random.ts'

const run = promisify(execFile)
const shop = fileURLToPath(new URL('..', import.meta.url))
const root = join(shop, '../..')
const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
let repo = ''

before(async () => {
  repo = await mkdtemp(join(tmpdir(), 'shop-changes-'))
  const skipped = new Set(['node_modules', 'dist', '.data', '.slipway', 'changes', 'test'])
  for (const name of await readdir(shop)) {
    if (skipped.has(name)) continue
    await cp(join(shop, name), join(repo, name), {
      recursive: true,
      filter: (from) => !['node_modules', 'dist', '.data'].includes(basename(from)),
    })
  }
  await git('init', '--quiet', '--initial-branch=main')
  await commit('Open the shop')
  // What `npm ci` would install, at the same versions.
  for (const service of ['storefront', 'catalog', 'orders']) {
    await symlink(join(root, 'node_modules'), join(repo, 'services', service, 'node_modules'))
  }
})
after(() => rm(repo, { recursive: true, force: true }))

test('commit 2 changes the catalog and the storefront, and passes their tests', async () => {
  const touched = await apply('2-show-badges.patch')
  assert.deepEqual(touched, ['catalog', 'storefront'])
  await checkAll(touched)
})

test('commit 3 changes orders, passes its tests, and fails 3 % of the checkouts', async () => {
  assert.deepEqual(await apply('3-take-discount.patch'), ['orders'])
  await checkAll(['orders'])
  const { totalCents } = await import(priceModule(3))
  const failing = await shareOfCarts((lines) => totalCents(lines))
  assert.ok(failing > 0.027 && failing < 0.034, `${failing} of the checkouts fail`)
})

test('commit 4 changes orders, passes its tests, and fails no checkout', async () => {
  assert.deepEqual(await apply('4-round-discount-once.patch'), ['orders'])
  await checkAll(['orders'])
  const { priceOf } = await import(priceModule(4))
  assert.equal(await shareOfCarts((lines) => priceOf(lines)), 0)
})

/** Applies and commits a change. @returns the services that it touched */
async function apply(patch: string): Promise<readonly string[]> {
  await git('apply', '--index', join(shop, 'changes', patch))
  const { stdout } = await git('diff', '--cached', '--name-only')
  await git(...IDENTITY, 'commit', '--quiet', '--message', patch)
  const services = stdout.split('\n').map((path) => /^services\/([^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(services.flat())].sort()
}

async function checkAll(services: readonly string[]): Promise<void> {
  for (const service of services) {
    const cwd = join(repo, 'services', service)
    const npm = {
      cwd,
      env: { ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    }
    await run('npm', ['run', 'build'], npm)
    await run('npm', ['test'], npm)
  }
}

/** The share of a customer's usual carts for which it throws. */
async function shareOfCarts(price: (lines: unknown) => unknown): Promise<number> {
  const random = randomFrom(3)
  const { default: products } = (await import(
    pathToFileURL(join(repo, 'services/catalog/data/products.json')).href,
    { with: { type: 'json' } }
  )) as { default: readonly Product[] }
  const carts = 40_000
  let failing = 0
  for (let index = 0; index < carts; index += 1) {
    try {
      price(cartOf(random, products).lines)
    } catch {
      failing += 1
    }
  }
  return failing / carts
}

/** The commit in the address: a module is loaded only once for each. */
function priceModule(number: number): string {
  const path = join(repo, 'services/orders/src/price.ts')
  return `${pathToFileURL(path).href}?commit=${number}`
}

const IDENTITY = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.com']

async function commit(message: string): Promise<void> {
  await git('add', '--all')
  await git(...IDENTITY, 'commit', '--quiet', '--message', message)
}

function git(...args: readonly string[]) {
  return run('git', args, { cwd: repo, env })
}
