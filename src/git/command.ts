import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { devNull } from 'node:os'
import { commandFailure } from './command-failure.ts'
import { GitError } from './errors.ts'

/** Where git runs. A bare repository is named outright, so that git never finds one further up instead. */
export type Place = { readonly folder: string; readonly bare: boolean }

export type CallOptions = {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export type GitResult = {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

const LOCAL_TIMEOUT_MS = 600_000

/** Settings of the user that would change what we read or run programs of theirs. */
const SETTINGS: readonly string[] = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.quotePath=false',
  'core.autocrlf=false',
  'commit.gpgSign=false',
  'push.gpgSign=false',
  'log.showSignature=false',
  'log.follow=false',
  'i18n.logOutputEncoding=UTF-8',
  'i18n.commitEncoding=UTF-8',
  'trailer.separators=:',
  'submodule.recurse=false',
  'gc.autoDetach=false',
].flatMap((setting) => ['-c', setting])

/** Set by git around its hooks: inherited, they would send our calls to another repository. */
const INHERITED_BUT_WRONG: readonly string[] = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_EXTERNAL_DIFF',
  'GIT_GLOB_PATHSPECS',
  'GIT_GRAFT_FILE',
  'GIT_ICASE_PATHSPECS',
  'GIT_INDEX_FILE',
  'GIT_LITERAL_PATHSPECS',
  'GIT_NAMESPACE',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]

const SLIPWAY = { name: 'Slipway', email: 'slipway@localhost' }

/**
 * Runs git and returns what it printed.
 * @throws GitError for any exit code but 0, with git's own words
 */
export async function git(
  place: Place,
  args: readonly string[],
  options: CallOptions = {},
): Promise<Buffer> {
  const result = await tryGit(place, args, options)
  if (result.exitCode !== 0) throw commandFailure({ place, args, stderr: result.stderr })
  return result.stdout
}

/** The same as text without the line break at its end. */
export async function gitText(
  place: Place,
  args: readonly string[],
  options: CallOptions = {},
): Promise<string> {
  return (await git(place, args, options)).toString('utf8').replace(/\n$/, '')
}

/**
 * Runs git and returns its exit code too: for calls whose "no" is an answer.
 * @throws GitError `git-missing`, `not-a-repository` (no such folder), `git-timed-out`
 */
export function tryGit(
  place: Place,
  args: readonly string[],
  options: CallOptions = {},
): Promise<GitResult> {
  const where = place.bare ? ['--git-dir', place.folder] : []
  // A session of its own: ssh has no terminal to ask on, Ctrl-C does not cut a commit in half,
  // and a call that takes too long ends with all that it started.
  const child = spawn('git', [...SETTINGS, ...where, ...args], {
    cwd: place.folder,
    env: { ...environment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let timedOut = false
    const timeoutMs = options.timeoutMs ?? LOCAL_TIMEOUT_MS
    const timer = setTimeout(() => {
      timedOut = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    // Git that ends before it has read everything breaks the pipe; its exit code says why.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') reject(error)
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(notStarted(place, error))
    })
    child.on('close', (exitCode) => {
      clearTimeout(timer)
      if (timedOut) return reject(tookTooLong(place, args, timeoutMs))
      const words = Buffer.concat(stderr).toString('utf8')
      resolve({ exitCode: exitCode ?? 128, stdout: Buffer.concat(stdout), stderr: words })
    })
    child.stdin.end(options.input ?? '')
  })
}

function environment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of INHERITED_BUT_WRONG) delete env[name]
  return {
    ...env,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_EDITOR: 'false',
    GIT_PAGER: 'cat',
    GIT_AUTHOR_NAME: SLIPWAY.name,
    GIT_AUTHOR_EMAIL: SLIPWAY.email,
    GIT_COMMITTER_NAME: SLIPWAY.name,
    GIT_COMMITTER_EMAIL: SLIPWAY.email,
  }
}

function notStarted(place: Place, cause: Error): GitError {
  if (!existsSync(place.folder)) {
    return new GitError({
      code: 'not-a-repository',
      fault: 'input',
      cause,
      message: `there is no folder ${place.folder}: name a Git repository that is there`,
    })
  }
  return new GitError({
    code: 'git-missing',
    fault: 'outside',
    cause,
    message: `git cannot be started (${cause.message}): install git 2.31 or newer and put it on the PATH`,
  })
}

function tookTooLong(place: Place, args: readonly string[], timeoutMs: number): GitError {
  return new GitError({
    code: 'git-timed-out',
    fault: 'outside',
    retry: 'later',
    message: `git ${args[0]} in ${place.folder} was ended after ${timeoutMs / 1000} s: check that its disk or its remote answers`,
  })
}
