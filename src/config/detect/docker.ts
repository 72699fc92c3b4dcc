import {
  type Candidate,
  type Detected,
  type Facts,
  filesNamed,
  folderOf,
  type Tree,
} from './candidate.ts'

/** What Dockerfiles tell: the last stage's port and command. The image itself is built by `layers`. */
export function detectDocker(tree: Tree): Detected {
  const files = filesNamed(tree, /^(Dockerfile|Containerfile)$/)
  return {
    candidates: files.map(
      (file): Candidate => ({
        path: folderOf(file),
        facts: factsOf(tree.read(file) ?? '', file),
      }),
    ),
    notes: files.map(
      (file) =>
        `${file}: only its port and command are taken: the builder is \`layers\`, which needs no daemon`,
    ),
  }
}

function factsOf(text: string, file: string): Facts {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)
  const stage = lines.slice(lines.findLastIndex((line) => /^\s*FROM\s/i.test(line)) + 1)
  const port = Number(lastArgument(stage, 'EXPOSE')?.split(/[\s/]/)[0])
  const command = commandOf(stage)
  return {
    ...(port > 0 && port <= 65535 ? { port: { value: port, from: `EXPOSE in ${file}` } } : {}),
    ...(command === '' ? {} : { start: { value: command, from: `CMD in ${file}` } }),
  }
}

function commandOf(stage: readonly string[]): string {
  const parts = ['ENTRYPOINT', 'CMD'].map((word) => commandLine(lastArgument(stage, word) ?? ''))
  return parts.filter((part) => part !== '').join(' ')
}

function lastArgument(stage: readonly string[], word: string): string | null {
  const line = stage.findLast((each) => new RegExp(`^\\s*${word}\\s`, 'i').test(each))
  return line === undefined ? null : line.trim().slice(word.length).trim()
}

/** `["node", "a b.js"]` → `node 'a b.js'`; the shell form as it stands. */
export function commandLine(argument: string): string {
  const words = /^\[.*\]$/s.test(argument) ? [...argument.matchAll(/"((?:[^"\\]|\\.)*)"/g)] : null
  if (words === null) return argument
  return words.map(([, word = '']) => shellWord(word.replaceAll(/\\(.)/g, '$1'))).join(' ')
}

export function shellWord(word: string): string {
  return /^[\w@%+=:,./$-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
