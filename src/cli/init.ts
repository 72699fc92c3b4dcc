import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  ConfigError,
  detectServices,
  type FirstFile,
  firstFile,
  formatProblem,
  listing,
  PROJECT_FILE,
  parseProject,
} from '../config/index.ts'
import type { Verb } from './verb.ts'

/** Writes a first `slipway.yaml` from what the repository holds, and tells what it guessed. */
export const verb: Verb = {
  example: 'slipway init --print',
  json: `{ file: string; written: boolean; text: string; notes: string[] }`,

  define(command) {
    command
      .option('--print', 'print the file instead of writing it')
      .option('--force', 'replace a file that is there')
  },

  async run(context, _args, options) {
    const root = resolve(context.cwd)
    const file = join(root, PROJECT_FILE)
    const isPrinting = options.print === true
    if (!isPrinting && options.force !== true) refuseToReplace(file)
    const guessed = guess(root, file)
    if (!isPrinting) writeFileSync(file, guessed.text)
    if (context.json)
      context.out(JSON.stringify({ file: PROJECT_FILE, written: !isPrinting, ...guessed }))
    else {
      for (const note of guessed.notes) context.note(note)
      context.out(
        isPrinting ? guessed.text.trimEnd() : `wrote ${PROJECT_FILE}: read it, then slipway check`,
      )
    }
    return 0
  },
}

function refuseToReplace(file: string): void {
  if (!existsSync(file)) return
  throw new ConfigError({
    code: 'project-file-exists',
    fault: 'input',
    message: `${file} is there already: look at --print, or replace it with --force`,
  })
}

function guess(root: string, file: string): FirstFile {
  const found = detectServices(listing(root))
  if (found.services.length === 0)
    throw new ConfigError({
      code: 'no-service-found',
      fault: 'input',
      message: [
        `found no service in ${root}: no package.json, pyproject.toml, go.mod, Procfile, compose file or Dockerfile says how to start one`,
        ...found.notes,
      ].join('\n'),
    })
  const guessed = firstFile(found, basename(root), branchOf(root))
  const parsed = parseProject(guessed.text, file)
  if ('problems' in parsed)
    throw new Error(`init wrote a wrong file:\n${parsed.problems.map(formatProblem).join('\n')}`)
  return guessed
}

/** The branch that is checked out; `main` where there is no repository or no branch. */
function branchOf(root: string): string {
  const head = join(root, '.git', 'HEAD')
  if (!statSync(head, { throwIfNoEntry: false })?.isFile()) return 'main'
  return /^ref: refs\/heads\/(\S+)/.exec(readFileSync(head, 'utf8'))?.[1] ?? 'main'
}
