import type { Fault, Retry } from '../errors/index.ts'
import { maskCredentials } from './address.ts'
import { GitError, type GitErrorCode } from './errors.ts'

type Failure = {
  readonly place: { readonly folder: string }
  readonly args: readonly string[]
  readonly stderr: string
}

type Known = {
  readonly words: RegExp
  readonly code: GitErrorCode
  readonly fault: Fault
  readonly retry: Retry
  readonly advice: string
}

/** The first that matches git's words (LC_ALL=C) names the error. */
const KNOWN: readonly Known[] = [
  {
    words:
      /Authentication failed|could not read (Username|Password)|Permission denied|Host key verification failed|returned error: 40[13]|access denied/i,
    code: 'remote-denied',
    fault: 'outside',
    retry: 'later',
    advice:
      'give the user that runs Slipway access to the remote (key, token or credential helper)',
  },
  {
    words:
      /does not appear to be a git repository|Repository not found|repository '.*' (does not exist|not found)|returned error: 404/i,
    code: 'remote-not-found',
    fault: 'outside',
    retry: 'later',
    advice: 'check the address of the remote',
  },
  {
    words:
      /Could not resolve host|Connection refused|Connection timed out|Connection reset|Failed to connect|Could not read from remote|unable to (access|connect)|Network is unreachable|hung up unexpectedly|early EOF|RPC failed|returned error: 5\d\d/i,
    code: 'remote-unreachable',
    fault: 'outside',
    retry: 'later',
    advice: 'check the network and the remote; it is tried again',
  },
  {
    words: /not a git repository|dubious ownership|safe\.bareRepository/i,
    code: 'not-a-repository',
    fault: 'input',
    retry: 'never',
    advice: 'run it in a Git repository that belongs to you (`git init` makes one)',
  },
  {
    words:
      /bad object|unknown revision|not a valid object name|not a valid commit name|invalid object name|invalid reference|bad revision|not a tree object|does not exist in the repository/i,
    code: 'unknown-commit',
    fault: 'input',
    retry: 'never',
    advice: 'fetch it or name another commit',
  },
  {
    words: /'.*' already exists/i,
    code: 'folder-in-use',
    fault: 'input',
    retry: 'never',
    advice: 'empty the folder or name another',
  },
]

/** What git's failure means for us; credentials in its words are masked. */
export function commandFailure({ place, args, stderr }: Failure): GitError {
  const said = maskCredentials(stderr).trim() || 'it said nothing'
  const known = KNOWN.find(({ words }) => words.test(stderr))
  const advice = known?.advice ?? 'mend what git names and try again'
  return new GitError({
    code: known?.code ?? 'git-failed',
    fault: known?.fault ?? 'outside',
    retry: known?.retry ?? 'later',
    message: `git ${subcommand(args)} in ${place.folder} failed: ${said}\n${advice}`,
  })
}

function subcommand(args: readonly string[]): string {
  let index = 0
  while (args[index] === '-c') index += 2
  return args[index] ?? ''
}
