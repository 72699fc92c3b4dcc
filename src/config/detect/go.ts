import {
  type Candidate,
  type Detected,
  filesBelow,
  filesNamed,
  folderOf,
  inFolder,
  type Tree,
} from './candidate.ts'

/** Services of go.mod: the module itself, or each program of its cmd/. */
export function detectGo(tree: Tree): Detected {
  const found = filesNamed(tree, /^go\.mod$/).map((file) => ({
    file,
    candidates: programsOf(tree, file),
  }))
  return {
    candidates: found.flatMap(({ candidates }) => candidates),
    notes: found
      .filter(({ candidates }) => candidates.length === 0)
      .map(({ file }) => `${file}: no package main: taken as a library, not a service`),
  }
}

function programsOf(tree: Tree, file: string): readonly Candidate[] {
  const module = folderOf(file)
  const sources = filesBelow(tree, module).filter(
    (each) => each.endsWith('.go') && !each.endsWith('_test.go'),
  )
  const mains = sources.filter((each) =>
    /^package main\b/m.test(tree.read(inFolder(module, each)) ?? ''),
  )
  const folders = [...new Set(mains.map(folderOf))]
  const hasTests = filesBelow(tree, module).some((each) => each.endsWith('_test.go'))
  const name = /^module\s+(\S+)/m
    .exec(tree.read(file) ?? '')?.[1]
    ?.split('/')
    .at(-1)
  if (folders.includes('.')) {
    const program = name ?? 'server'
    return [candidateOf({ file, path: module, name: program, hasTests, inputs: [] })]
  }
  return folders
    .filter((folder) => /^cmd\/[^/]+$/.test(folder))
    .map((folder) => {
      const shared = ['go.mod', 'go.sum', 'internal/**', 'pkg/**'].map((each) =>
        inFolder(module, each),
      )
      const path = inFolder(module, folder)
      return candidateOf({
        file,
        path,
        name: folder.slice('cmd/'.length),
        hasTests,
        inputs: shared,
      })
    })
}

type Program = {
  readonly file: string
  readonly path: string
  readonly name: string
  readonly hasTests: boolean
  readonly inputs: readonly string[]
}

function candidateOf({ file, path, name, hasTests, inputs }: Program): Candidate {
  const from = inputs.length === 0 ? file : `${path}/`
  return {
    path,
    facts: {
      name: { value: name, from },
      build: { value: `CGO_ENABLED=0 go build -trimpath -o bin/${name} .`, from },
      output: { value: [`bin/${name}`], from },
      dependencies: { value: [], from: `${file}: a Go program holds all that it needs` },
      start: { value: `./bin/${name}`, from },
      ...(hasTests ? { test: { value: 'go test ./...', from } } : {}),
      ...(inputs.length === 0 ? {} : { inputs: { value: inputs, from: file } }),
    },
  }
}
