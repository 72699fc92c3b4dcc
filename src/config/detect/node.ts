import picomatch from 'picomatch'
import { parse } from 'yaml'
import {
  type Candidate,
  type Detected,
  type Facts,
  filesNamed,
  folderOf,
  inFolder,
  type Tree,
} from './candidate.ts'

type Package = {
  readonly name: string | null
  readonly scripts: Readonly<Record<string, string>>
  /** Names of packages needed at run time. */
  readonly dependencies: readonly string[]
  readonly hasDevDependencies: boolean
  readonly main: string | null
  readonly workspaces: readonly string[]
}

type Member = { readonly path: string; readonly file: string; readonly package: Package }

/** Services of package.json files: the members of a workspace, or each that can be started. */
export function detectNode(tree: Tree): Detected {
  const members = filesNamed(tree, /^package\.json$/).flatMap((file): Member[] => {
    const found = readPackage(tree, file)
    return found === null ? [] : [{ path: folderOf(file), file, package: found }]
  })
  const root = members.find((member) => member.path === '.')
  const globs = workspacesOf(tree, root)
  const isMember = picomatch(
    globs.filter((glob) => !glob.startsWith('!')),
    { ignore: globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)) },
  )
  const inWorkspace = globs.length > 0
  const taken = members.filter(({ path }) => (inWorkspace ? path !== '.' && isMember(path) : true))
  const facts = taken.map((member) => ({
    member,
    facts: factsOf(tree, member, taken, inWorkspace),
  }))
  return {
    candidates: facts.map(({ member, facts }): Candidate => ({ path: member.path, facts })),
    notes: facts
      .filter(({ facts }) => facts.start === undefined)
      .map(({ member }) => `${member.file}: nothing starts it: taken as a library, not a service`),
  }
}

function workspacesOf(tree: Tree, root: Member | undefined): readonly string[] {
  const pnpm = tree.read('pnpm-workspace.yaml')
  const globs = pnpm === null ? (root?.package.workspaces ?? []) : pnpmGlobs(pnpm)
  return globs.map((glob) => glob.replace(/^\.\//, '').replace(/\/$/, ''))
}

function pnpmGlobs(text: string): readonly string[] {
  const written = parse(text, { logLevel: 'error' }) as { packages?: unknown } | null
  return textsOf(written?.packages)
}

function factsOf(tree: Tree, member: Member, all: readonly Member[], inWorkspace: boolean): Facts {
  const {
    path,
    file,
    package: { scripts, dependencies, name },
  } = member
  const start = startOf(tree, member)
  const libraries = all.filter(
    (each) => dependencies.includes(each.package.name ?? '') && each !== member,
  )
  const inputs = libraries
    .filter((each) => startOf(tree, each) === null)
    .map((each) => `${each.path}/**`)
  const needs = libraries.filter((each) => startOf(tree, each) !== null).map((each) => each.path)
  const install = installOf(tree, member, inWorkspace)
  const build = scripts.build === undefined ? null : 'npm run build'
  const test = scripts.test
  const output = start === null || build === null ? null : outputOf(start)
  return {
    ...(name === null ? {} : { name: { value: name.replace(/^@[^/]*\//, ''), from: file } }),
    ...(start === null ? {} : { start: { value: start, from: file } }),
    ...(install === null ? {} : { install: { value: install, from: lockOf(tree, path) ?? file } }),
    ...(build === null ? {} : { build: { value: build, from: file } }),
    ...(output === null ? {} : { output: { value: output, from: `the start command in ${file}` } }),
    ...(test === undefined || /no test specified/.test(test)
      ? {}
      : { test: { value: 'npm test', from: file } }),
    ...(inputs.length === 0 ? {} : { inputs: { value: inputs, from: `dependencies in ${file}` } }),
    ...(needs.length === 0 ? {} : { needs: { value: needs, from: `dependencies in ${file}` } }),
  }
}

/** Scripts of programs in node_modules/.bin need npx, because nobody but npm has them in PATH. */
function startOf(tree: Tree, { path, package: { scripts, main } }: Member): string | null {
  const script = scripts.start
  if (script !== undefined)
    return /^(node|bun|deno|sh|bash|\.\/|[A-Z_]+=)/.test(script)
      ? script
      : `npx --no-install ${script}`
  const entries = [
    ...(main === null ? [] : [main.replace(/^\.\//, '')]),
    'server.js',
    'server.mjs',
    'server.ts',
    'index.js',
    'app.js',
    'src/server.js',
    'src/server.ts',
    'src/index.js',
  ]
  const entry = entries.find((each) =>
    /\.listen\(|\bserve\(/.test(tree.read(inFolder(path, each)) ?? ''),
  )
  return entry === undefined ? null : `node ${entry}`
}

/** `node dist/server.js` → dist and package.json, which says whether its files are modules. */
function outputOf(start: string): readonly string[] | null {
  const folder = /(?:^|\s)(?:\.\/)?(dist|build|out|lib|\.next|\.output)\//.exec(start)?.[1]
  return folder === undefined ? null : [folder, 'package.json']
}

const locks = {
  'package-lock.json': 'npm ci',
  'pnpm-lock.yaml': 'pnpm install --frozen-lockfile',
  'yarn.lock': 'yarn install --immutable',
} as const

function lockOf(tree: Tree, folder: string): string | null {
  const files = new Set(tree.files)
  const name = Object.keys(locks).find((lock) => files.has(inFolder(folder, lock)))
  return name === undefined ? null : inFolder(folder, name)
}

/**
 * What fetches the packages into the service's own folder. A workspace's member has no lock of its
 * own, and what npm hoists to the root would not be in the artifact.
 */
function installOf(
  tree: Tree,
  { path, package: found }: Member,
  inWorkspace: boolean,
): string | null {
  const lock = lockOf(tree, path)
  if (lock !== null) return locks[lock.slice(lock.lastIndexOf('/') + 1) as keyof typeof locks]
  if (found.dependencies.length === 0 && !found.hasDevDependencies) return null
  return inWorkspace
    ? 'npm install --workspaces=false --no-package-lock'
    : 'npm install --no-package-lock'
}

function readPackage(tree: Tree, file: string): Package | null {
  const data = parseJson(tree.read(file) ?? '')
  if (data === null) return null
  const workspaces = isRecord(data.workspaces) ? data.workspaces.packages : data.workspaces
  return {
    name: typeof data.name === 'string' ? data.name : null,
    scripts: Object.fromEntries(
      Object.entries(isRecord(data.scripts) ? data.scripts : {}).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    dependencies: Object.keys(isRecord(data.dependencies) ? data.dependencies : {}),
    hasDevDependencies:
      isRecord(data.devDependencies) && Object.keys(data.devDependencies).length > 0,
    main: typeof data.main === 'string' ? data.main : null,
    workspaces: textsOf(workspaces),
  }
}

/** Someone's half-written package.json is no service, and no reason to find none of the others. */
function parseJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const data: unknown = JSON.parse(text)
    return isRecord(data) ? data : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
