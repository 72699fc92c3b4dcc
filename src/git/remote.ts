import { setTimeout as sleep } from 'node:timers/promises'
import { maskCredentials } from './address.ts'
import { git, type Place, tryGit } from './command.ts'
import { commandFailure } from './command-failure.ts'
import { GitError } from './errors.ts'
import { checkedRef } from './name.ts'

/** `rejected`: the branch has moved on; fetch, apply again, push again. `reason` is the remote's. */
export type PushResult =
  | { readonly status: 'pushed' }
  | { readonly status: 'rejected'; readonly reason: string }

const NETWORK_TIMEOUT_MS = 120_000
const FETCH_ATTEMPTS = 20

/** What a remote says when another push came first, at whatever moment it noticed. */
const LOST_RACE =
  /fetch first|non-fast-forward|stale info|incorrect old value|failed to update ref|cannot lock ref|but expected|reference already exists|failed to lock/i

/**
 * Brings `refs/remotes/origin/*` up to date with the remote's branches; those deleted there go.
 * @throws GitError `remote-unreachable`, `remote-denied`, `remote-not-found`
 */
export async function fetch(place: Place): Promise<void> {
  const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head']
  const args = ['fetch', ...options, 'origin', '+refs/heads/*:refs/remotes/origin/*']
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryGit(place, args, { timeoutMs: NETWORK_TIMEOUT_MS })
    if (result.exitCode === 0) return
    // Another process that fetches into the same clone holds the lock of the ref for a moment.
    const isLocked = /cannot lock ref|unable to create '.*\.lock'|File exists/i.test(result.stderr)
    if (!isLocked || attempt === FETCH_ATTEMPTS) {
      throw commandFailure({ place, args, stderr: result.stderr })
    }
    await sleep(10 + Math.random() * 40)
  }
}

/**
 * Pushes one commit to one branch of origin, never by force.
 * @throws GitError `push-declined` with the remote's words when it refuses for another reason than a lost race;
 *   `remote-unreachable`, `remote-denied`, `remote-not-found`
 */
export async function push(place: Place, commit: string, branch: string): Promise<PushResult> {
  const refspec = `${checkedRef(commit)}:refs/heads/${checkedRef(branch)}`
  const args = ['push', '--porcelain', '--no-verify', 'origin', refspec]
  const result = await tryGit(place, args, { timeoutMs: NETWORK_TIMEOUT_MS })
  if (result.exitCode === 0) return { status: 'pushed' }
  const refused = /^!\t[^\t]*\t(.*)$/m.exec(result.stdout.toString('utf8'))?.[1]
  if (refused === undefined) throw commandFailure({ place, args, stderr: result.stderr })
  if (LOST_RACE.test(refused)) return { status: 'rejected', reason: refused }
  throw declined(branch, refused, result.stderr)
}

/** Adds origin to a repository, or gives it its new address. */
export async function setOrigin(place: Place, url: string): Promise<void> {
  await git(place, ['config', 'remote.origin.url', url])
  await git(place, ['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'])
}

function declined(branch: string, refused: string, stderr: string): GitError {
  const words = [...maskCredentials(stderr).matchAll(/^remote: (.*)$/gm)]
    .map((match) => match[1]?.trim())
    .filter((line) => line !== '')
  const said = words.length > 0 ? `${words.join('\n')}\n${refused}` : refused
  return new GitError({
    code: 'push-declined',
    fault: 'outside',
    retry: 'never',
    message: `the remote refuses the push to ${branch}: ${said}\nchange its rules or hook, or let Slipway's user push there`,
  })
}
