import { mkdir } from 'node:fs/promises'
import { git, type Place } from './command.ts'
import { checkedRef, checkedUrl } from './name.ts'
import { setOrigin } from './remote.ts'
import { Repository } from './repository.ts'

/**
 * A bare repository that keeps its history: pushes by force and deletions of branches are refused.
 * One that is already there stays as it is.
 */
export async function initBare(folder: string, branch = 'main'): Promise<Repository> {
  const place = await init(folder, ['--bare', `--initial-branch=${checkedRef(branch)}`])
  await git(place, ['config', 'receive.denyNonFastForwards', 'true'])
  await git(place, ['config', 'receive.denyDeletes', 'true'])
  return new Repository(place)
}

/**
 * A bare clone for Slipway's own use: only `refs/remotes/origin/*`, no branches. Works on an empty remote, goes on where
 * a call that was killed stopped, and follows a remote that has moved.
 * @throws GitError `bad-name`, `remote-unreachable`, `remote-denied`, `remote-not-found`
 */
export async function cloneBare(url: string, folder: string): Promise<Repository> {
  const address = checkedUrl(url)
  const place = await init(folder, ['--bare'])
  await setOrigin(place, address)
  const repository = new Repository(place)
  await repository.fetch()
  return repository
}

/** A repository with a work tree in `folder`, which may hold files already. */
export async function initRepository(folder: string, branch = 'main'): Promise<Repository> {
  await mkdir(folder, { recursive: true })
  const place: Place = { folder, bare: false }
  await git(place, ['init', '--quiet', '--template=', `--initial-branch=${checkedRef(branch)}`])
  return new Repository(place)
}

async function init(folder: string, options: readonly string[]): Promise<Place> {
  await mkdir(folder, { recursive: true })
  const place: Place = { folder, bare: true }
  // Without the user's template: it may bring hooks.
  await git(place, ['init', '--quiet', '--template=', ...options])
  return place
}
