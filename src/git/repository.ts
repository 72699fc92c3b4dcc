import { withoutCredentials } from './address.ts'
import { addCheckout, cleanCheckout, moveCheckout, removeCheckout } from './checkout.ts'
import { git, gitText, type Place, tryGit } from './command.ts'
import { commandFailure } from './command-failure.ts'
import { authorship, commitTree, type NewCommit } from './commit-tree.ts'
import { GitError } from './errors.ts'
import {
  type Change,
  type Commit,
  changes,
  type LogQuery,
  lastCommitTouching,
  log,
} from './history.ts'
import { commitMessage, type Message } from './message.ts'
import { checkedRef } from './name.ts'
import { fetch, type PushResult, push } from './remote.ts'
import { type Snapshot, snapshot } from './snapshot.ts'
import { changedFiles, idsOf, listTree, readBlobs, readFile, type TreeEntry } from './tree.ts'

/**
 * One repository on disk. Paths are from its top, with `/`; a name that is not UTF-8 cannot be read back.
 * Every method may throw GitError `not-a-repository`, `git-missing`, `git-timed-out`, `git-failed`; those that take a
 * commit `unknown-commit`, those that take a ref `bad-name`.
 */
export class Repository {
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  /** Full SHA of the commit that a branch, tag, SHA or `HEAD~1` names; null: nothing has that name. */
  async resolve(ref: string): Promise<string | null> {
    const args = ['rev-parse', '--verify', '--quiet', `${checkedRef(ref)}^{commit}`]
    const result = await tryGit(this.#place, args)
    if (result.exitCode === 0) return result.stdout.toString('utf8').trim()
    const failure = commandFailure({ place: this.#place, args, stderr: result.stderr })
    if (result.stderr.trim() === '' || failure.code === 'unknown-commit') return null
    throw failure
  }

  /** Name of the branch that is checked out, also when it has no commit yet; null: none (detached). */
  async headBranch(): Promise<string | null> {
    const args = ['symbolic-ref', '--quiet', '--short', 'HEAD']
    const result = await tryGit(this.#place, args)
    if (result.exitCode === 0) return result.stdout.toString('utf8').trim()
    if (result.exitCode === 1) return null
    throw commandFailure({ place: this.#place, args, stderr: result.stderr })
  }

  /** Where the opened folder lies below the top of its repository: `` or `apps/shop/`. */
  async prefix(): Promise<string> {
    return gitText(this.#place, ['rev-parse', '--show-prefix'])
  }

  async commit(ref: string): Promise<Commit> {
    const [commit] = await this.log({ to: ref, limit: 1 })
    if (commit) return commit
    throw new GitError({
      code: 'unknown-commit',
      fault: 'input',
      message: `${ref} is no commit of ${this.#place.folder}: fetch it or name another commit`,
    })
  }

  /** Commits, newest first. */
  async log(query: LogQuery): Promise<readonly Commit[]> {
    return log(this.#place, query)
  }

  /** Paths that differ; a renamed file is there with both of its paths. `from` null: all of `to`. */
  async changedFiles(from: string | null, to: string): Promise<readonly string[]> {
    return changedFiles(this.#place, from, to)
  }

  /**
   * Full SHA of the newest commit up to `commit` that changed any of the paths; null: none did.
   * @param paths globs from the top (`*` stops at `/`, `**` does not); a folder stands for all in it
   */
  async lastCommitTouching(commit: string, paths: readonly string[]): Promise<string | null> {
    return lastCommitTouching(this.#place, commit, paths)
  }

  /** The newest commits up to `to` with what each changed, all in one call. */
  async changes(query: {
    readonly to: string
    readonly limit: number
  }): Promise<readonly Change[]> {
    return changes(this.#place, query)
  }

  /** Full SHA of a tagged commit → names of its tags, sorted. */
  async tags(): Promise<ReadonlyMap<string, readonly string[]>> {
    const format = '--format=%(objectname) %(*objectname) %(refname:strip=2)'
    const text = await gitText(this.#place, ['for-each-ref', format, 'refs/tags'])
    const tags = new Map<string, string[]>()
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const [object = '', tagged = '', ...name] = line.split(' ')
      const commit = tagged || object
      tags.set(commit, [...(tags.get(commit) ?? []), name.join(' ')])
    }
    return tags
  }

  /** Null: there is no file at that path. */
  async readFile(commit: string, path: string): Promise<Buffer | null> {
    return readFile(this.#place, commit, path)
  }

  /**
   * Full ids of what the names mean (`main^{commit}`, `HEAD:./slipway.yaml` from the opened folder
   * on), all in one call; null: nothing has that name.
   */
  async idsOf(names: readonly string[]): Promise<readonly (string | null)[]> {
    return idsOf(this.#place, names)
  }

  /** Contents by the ids that `listTree` gives, all in one call. */
  async readBlobs(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    return readBlobs(this.#place, ids)
  }

  /** Every file of a commit in one call. `paths`: literal files and folders; absent: all. */
  async listTree(commit: string, paths?: readonly string[]): Promise<readonly TreeEntry[]> {
    return listTree(this.#place, commit, paths)
  }

  /** A detached worktree in `folder` (absolute; absent or empty). Any number may be made at once. */
  async checkout(commit: string, folder: string): Promise<void> {
    await addCheckout(this.#place, commit, folder)
  }

  /**
   * Brings a checkout to another commit as if it had just been made there, and writes only what
   * differs. False: it cannot be told what is in it; remove it and make another.
   */
  async moveCheckout(commit: string, folder: string): Promise<boolean> {
    return moveCheckout(this.#place, commit, folder)
  }

  /** Deletes what is in no commit from a checkout, ignored files too. False: as for `moveCheckout`. */
  async cleanCheckout(folder: string): Promise<boolean> {
    return cleanCheckout(this.#place, folder)
  }

  /** Deletes a checkout and what the repository knows of it. Repeating changes nothing. */
  async removeCheckout(folder: string): Promise<void> {
    await removeCheckout(this.#place, folder)
  }

  /** Address of origin without credentials; null: there is no origin. */
  async originUrl(): Promise<string | null> {
    const args = ['remote', 'get-url', 'origin']
    const result = await tryGit(this.#place, args)
    if (result.exitCode === 0) return withoutCredentials(result.stdout.toString('utf8').trim())
    if (/No such remote/i.test(result.stderr)) return null
    throw commandFailure({ place: this.#place, args, stderr: result.stderr })
  }

  /** Makes a commit on no branch; `updateRef` or `push` puts it on one. Returns its full SHA. */
  async commitTree(commit: NewCommit): Promise<string> {
    return commitTree(this.#place, commit)
  }

  /** The work tree as it is, as a commit on no branch; nothing of the user's changes. */
  async snapshot(): Promise<Snapshot> {
    return snapshot(this.#place, await this.resolve('HEAD'))
  }

  /** Commits the work tree as it is, new and deleted files too. Returns the full SHA. */
  async commitAll(commit: {
    readonly message: Message
    readonly actor: string
    readonly at: number
  }): Promise<string> {
    await git(this.#place, ['add', '--all', '--', ':/'])
    const options = ['--quiet', '--no-verify', '--allow-empty', '--cleanup=verbatim']
    await git(this.#place, ['commit', ...options, '-F', '-'], {
      env: authorship(commit),
      input: commitMessage(commit.message),
    })
    return gitText(this.#place, ['rev-parse', 'HEAD'])
  }

  /**
   * Compare and set of a full ref (`refs/heads/main`).
   * @param from what it must be now; null: it must not be there
   * @returns false: it was something else, and still is
   */
  async updateRef(ref: string, to: string, from: string | null): Promise<boolean> {
    const expected = from ?? '0'.repeat(to.length)
    const args = ['update-ref', checkedRef(ref), checkedRef(to), checkedRef(expected)]
    const result = await tryGit(this.#place, args)
    if (result.exitCode === 0) return true
    if ((await this.resolve(ref)) !== from) return false
    throw commandFailure({ place: this.#place, args, stderr: result.stderr })
  }

  /** Brings `refs/remotes/origin/*` up to date. Throws `remote-…` codes. */
  async fetch(): Promise<void> {
    await fetch(this.#place)
  }

  /** Pushes one commit to one branch of origin, never by force. Throws `push-declined`, `remote-…`. */
  async push(commit: string, branch: string): Promise<PushResult> {
    return push(this.#place, commit, branch)
  }
}

/** The repository that holds `folder` (its top or any folder below). Nothing is read until it is asked. */
export function openRepository(folder: string): Repository {
  return new Repository({ folder, bare: false })
}
