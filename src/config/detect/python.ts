import {
  type Candidate,
  type Detected,
  type Facts,
  filesBelow,
  filesNamed,
  folderOf,
  inFolder,
  type Tree,
} from './candidate.ts'

/** Where pip puts packages, in the service's own folder, so that they can be a layer of their own. */
const VENDOR = 'vendor'

/** Services of pyproject.toml, or of a requirements.txt without one. */
export function detectPython(tree: Tree): Detected {
  const projects = filesNamed(tree, /^pyproject\.toml$/)
  const folders = new Set(projects.map(folderOf))
  const plain = filesNamed(tree, /^requirements\.txt$/).filter(
    (file) => !folders.has(folderOf(file)),
  )
  const found = [...projects, ...plain].map((file): Candidate & { readonly file: string } => ({
    path: folderOf(file),
    file,
    facts: factsOf(tree, file),
  }))
  return {
    candidates: found.map(({ path, facts }) => ({ path, facts })),
    notes: found
      .filter(({ facts }) => facts.start === undefined)
      .map(({ file }) => `${file}: no program that serves: taken as a library, not a service`),
  }
}

function factsOf(tree: Tree, file: string): Facts {
  const path = folderOf(file)
  const text = tree.read(file) ?? ''
  const start = startOf(tree, path)
  const name = /^\s*name\s*=\s*["']([^"']+)["']/m.exec(text)?.[1]
  const requirements = inFolder(path, 'requirements.txt')
  const hasRequirements = tree.read(requirements) !== null
  const from = hasRequirements ? requirements : file
  const what = hasRequirements ? '-r requirements.txt' : '.'
  const test = testOf(tree, path, text)
  return {
    ...(name === undefined || !file.endsWith('.toml') ? {} : { name: { value: name, from: file } }),
    ...(start === null ? {} : { start: { value: start.run, from: start.from } }),
    install: { value: `python3 -m pip install --quiet --target ${VENDOR} ${what}`, from },
    dependencies: { value: [VENDOR], from },
    ...(test === null ? {} : { test }),
  }
}

type Framework = { readonly sign: RegExp; readonly run: (module: string) => string }

const frameworks: readonly Framework[] = [
  {
    sign: /\b(?:FastAPI|Starlette|Litestar)\(/,
    run: (module) => `python3 -m uvicorn ${module} --host 127.0.0.1 --port $PORT`,
  },
  { sign: /\bFlask\(/, run: (module) => `python3 -m flask --app ${module} run --port $PORT` },
  { sign: /\.serve_forever\(|\brun_app\(|\brun_simple\(/, run: () => '' },
]

function startOf(tree: Tree, path: string): { readonly run: string; readonly from: string } | null {
  const sources = filesBelow(tree, path).filter(
    (file) => file.endsWith('.py') && !/(^|\/)tests?[/_]|_test\.py$/.test(file),
  )
  if (sources.includes('manage.py'))
    return {
      run: withVendor('python3 manage.py runserver --noreload 127.0.0.1:$PORT'),
      from: inFolder(path, 'manage.py'),
    }
  for (const { sign, run } of frameworks) {
    const file = sources.find((source) => sign.test(tree.read(inFolder(path, source)) ?? ''))
    if (file === undefined) continue
    const variable = /^(\w+)\s*=\s*\w+\(/m.exec(tree.read(inFolder(path, file)) ?? '')?.[1] ?? 'app'
    const module = `${file
      .replace(/\.py$/, '')
      .replace(/^src\//, '')
      .replaceAll('/', '.')}:${variable}`
    return { run: withVendor(run(module) || `python3 ${file}`), from: inFolder(path, file) }
  }
  return null
}

function withVendor(command: string): string {
  return `PYTHONPATH=${VENDOR}:src:. ${command}`
}

function testOf(tree: Tree, path: string, project: string): Facts['test'] | null {
  const files = filesBelow(tree, path)
  const from = files.find((file) => /(^|\/)test_[^/]*\.py$|_test\.py$/.test(file))
  if (from === undefined) return null
  const isPytest =
    /pytest/.test(project) || /\bpytest\b/.test(tree.read(inFolder(path, from)) ?? '')
  const run = isPytest ? 'python3 -m pytest' : 'python3 -m unittest discover'
  return { value: withVendor(run), from: inFolder(path, from) }
}
