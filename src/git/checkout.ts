import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GitResult, type Place, tryGit } from './command.ts'
import { commandFailure } from './command-failure.ts'
import { checkedRef } from './name.ts'

const ATTEMPTS = 50

/**
 * A detached worktree of the commit in `folder` (absolute; absent or empty), so that a build may ask git
 * about itself. The repository's own branch, index and files stay untouched.
 * @throws GitError `folder-in-use`, `unknown-commit`
 */
export async function addCheckout(place: Place, commit: string, folder: string): Promise<void> {
  const settings = ['-c', 'checkout.workers=0', '-c', 'core.sparseCheckout=false']
  // Forced: a folder deleted by hand is still registered, and that must not refuse a new checkout.
  const add = ['worktree', 'add', '--force', '--detach', folder, checkedRef(commit)]
  const args = [...settings, ...add]
  const result = await outrun(place, args)
  if (result.exitCode !== 0) throw commandFailure({ place, args, stderr: result.stderr })
}

/** Deletes the checkout and what the repository knows of it. Already gone: changes nothing. */
export async function removeCheckout(place: Place, folder: string): Promise<void> {
  // Not `worktree prune`: that would also forget worktrees of the user's whose disk is not mounted now.
  const args = ['worktree', 'remove', '--force', '--force', folder]
  const result = await outrun(place, args)
  if (result.exitCode === 0) return
  if (/is not a working tree/.test(result.stderr) && !existsSync(folder)) return
  throw commandFailure({ place, args, stderr: result.stderr })
}

/**
 * Git reads the registration of every other worktree first, and dies on one that another call is just making or removing
 * ("failed to read .git/worktrees/x/commondir"). A moment later it is whole or gone.
 */
async function outrun(place: Place, args: readonly string[]): Promise<GitResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryGit(place, args)
    const isHalfSeen =
      /worktrees\/[^/]+\/(commondir|gitdir|HEAD)|could not create (leading )?director/
    if (result.exitCode === 0 || attempt === ATTEMPTS) return result
    if (!isHalfSeen.test(result.stderr)) return result
    await sleep(5 + Math.random() * 45)
  }
}
