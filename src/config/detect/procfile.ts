import { type Candidate, type Detected, filesNamed, folderOf, type Tree } from './candidate.ts'

/** Services of a Procfile: its `web`, or its only process. A folder is one service. */
export function detectProcfile(tree: Tree): Detected {
  const found = filesNamed(tree, /^Procfile$/).map((file) => read(tree.read(file) ?? '', file))
  return {
    candidates: found.flatMap(({ candidates }) => candidates),
    notes: found.flatMap(({ notes }) => notes),
  }
}

function read(text: string, file: string): Detected {
  const processes = [...text.matchAll(/^([A-Za-z0-9_-]+):[ \t]*(\S.*)$/gm)].map(
    ([, name = '', run = '']) => ({ name, run: run.trim() }),
  )
  const taken =
    processes.find(({ name }) => name === 'web') ?? processes.find(({ name }) => name !== 'release')
  if (taken === undefined) return { candidates: [], notes: [`${file}: no process in it`] }
  const candidate: Candidate = {
    path: folderOf(file),
    facts: { start: { value: taken.run, from: `${taken.name} in ${file}` } },
  }
  const notes = processes
    .filter((each) => each !== taken)
    .map(
      ({ name, run }) =>
        `${file}: ${name} (${run}) is left out: give it a folder of its own to make it a service`,
    )
  return { candidates: [candidate], notes }
}
