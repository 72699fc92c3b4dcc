import { existsSync } from 'node:fs'
import { copyFile, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GitResult, git, type Place, tryGit } from './command.ts'
import { commandFailure } from './command-failure.ts'
import { checkedRef } from './name.ts'

const ATTEMPTS = 50

/** Settings by which git looks at what is really on disk, whatever a build configured. */
const HONEST: readonly string[] = [
  'core.sparseCheckout=false',
  'core.trustctime=true',
  'core.checkStat=default',
  'core.ignoreStat=false',
  'core.untrackedCache=false',
].flatMap((setting) => ['-c', setting])

/**
 * A detached worktree of the commit in `folder` (absolute; absent or empty), so that a build may ask git
 * about itself. The repository's own branch, index and files stay untouched.
 * @throws GitError `folder-in-use`, `unknown-commit`
 */
export async function addCheckout(place: Place, commit: string, folder: string): Promise<void> {
  const settings = ['-c', 'core.sparseCheckout=false']
  // Forced: a folder deleted by hand is still registered, and that must not refuse a new checkout.
  const add = ['worktree', 'add', '--force', '--detach', folder, checkedRef(commit)]
  const args = [...settings, ...add]
  const result = await outrun(place, args)
  if (result.exitCode !== 0) throw commandFailure({ place, args, stderr: result.stderr })
  await rememberAsMade(folder)
}

/**
 * Brings a checkout to another commit, as if it had just been made there: a file that a build changed,
 * deleted or added is put right. Only what differs is written.
 * @returns false: it cannot be told what is in it; remove it and make another
 */
export async function moveCheckout(place: Place, commit: string, folder: string): Promise<boolean> {
  const own = await asMade(folder)
  if (own === null) return false
  const move = ['read-tree', '--reset', '-u', checkedRef(commit)]
  if ((await tryGit(place, [...own.where, ...move], { env: own.env })).exitCode !== 0) return false
  if (!(await cleanCheckout(place, folder))) return false
  await git(place, [...own.where, 'update-ref', '--no-deref', 'HEAD', commit])
  await copyFile(own.index, join(own.gitFolder, 'index'))
  return true
}

/** Deletes all that is in no commit, ignored files too. False: it cannot be told what that is. */
export async function cleanCheckout(place: Place, folder: string): Promise<boolean> {
  const own = await asMade(folder)
  if (own === null) return false
  const args = [...own.where, 'clean', '-ffdxq']
  return (await tryGit({ ...place, folder }, args, { env: own.env })).exitCode === 0
}

/**
 * A build may do anything to the checkout's own index and settings, so what git saw when it made the
 * files is kept beside it: the index as a second name of the same file, whose time is part of what it says.
 */
async function rememberAsMade(folder: string): Promise<void> {
  const written = await readFile(join(folder, '.git'), 'utf8')
  await rm(indexOf(folder), { force: true })
  await link(join(gitFolderOf(written), 'index'), indexOf(folder))
  await writeFile(linkOf(folder), written)
}

/** How git is told of a checkout without asking it anything; null: it is not one any more. */
async function asMade(folder: string) {
  const [made, now] = await Promise.all([linkOf(folder), join(folder, '.git')].map(textOf))
  if (made === null || made === undefined || made !== now) return null
  const gitFolder = gitFolderOf(made)
  const index = indexOf(folder)
  if (!existsSync(gitFolder) || !existsSync(index)) return null
  const where = [...HONEST, '--git-dir', gitFolder, '--work-tree', folder]
  return { gitFolder, index, where, env: { GIT_INDEX_FILE: index } }
}

function indexOf(folder: string): string {
  return `${folder}.index`
}

function linkOf(folder: string): string {
  return `${folder}.git`
}

/** A worktree's `.git` is a file of one line, `gitdir: PATH`. */
function gitFolderOf(text: string): string {
  return text.replace(/^gitdir: /, '').trimEnd()
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null
    throw error
  }
}

/** Deletes the checkout and what the repository knows of it. Already gone: changes nothing. */
export async function removeCheckout(place: Place, folder: string): Promise<void> {
  // Not `worktree prune`: that would also forget worktrees of the user's whose disk is not mounted now.
  const args = ['worktree', 'remove', '--force', '--force', folder]
  const result = await outrun(place, args)
  await Promise.all([indexOf(folder), linkOf(folder)].map((file) => rm(file, { force: true })))
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
