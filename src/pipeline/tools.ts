import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readJson, writeJson } from './json-file.ts'
import type { Step } from './types.ts'

/** Tools whose version can change a result → how they are asked for it. */
const ASK: Readonly<Record<string, readonly string[]>> = {
  node: ['--version'],
  npm: ['--version'],
  npx: ['--version'],
  yarn: ['--version'],
  pnpm: ['--version'],
  bun: ['--version'],
  deno: ['--version'],
  python: ['--version'],
  python3: ['--version'],
  pip: ['--version'],
  pip3: ['--version'],
  uv: ['--version'],
  poetry: ['--version'],
  go: ['version'],
  cargo: ['--version'],
  rustc: ['--version'],
  make: ['--version'],
  gcc: ['--version'],
  java: ['-version'],
  mvn: ['--version'],
  gradle: ['--version'],
  ruby: ['--version'],
  bundle: ['--version'],
  php: ['--version'],
  composer: ['--version'],
  dotnet: ['--version'],
}

/** Tools that run another one. */
const IMPLIES: Readonly<Record<string, readonly string[]>> = {
  npm: ['node'],
  npx: ['node'],
  yarn: ['node'],
  pnpm: ['node'],
  pip: ['python'],
  pip3: ['python3'],
  cargo: ['rustc'],
}

/** Known tools that a step's command mentions, and the platform, which every command depends on. */
export function mentionedTools(step: Step): readonly string[] {
  if (step.action.kind !== 'command') return []
  const words = step.action.run.match(/[\w.+-]+/g) ?? []
  const named = words.filter((word) => Object.hasOwn(ASK, word))
  const all = named.flatMap((tool) => [tool, ...(IMPLIES[tool] ?? [])])
  return ['platform', 'sh', ...[...new Set(all)].sort()]
}

type Remembered = Record<string, { readonly stamp: string; readonly version: string }>

/**
 * Versions of tools as found on `path`; of one that is not there the word `absent`. A version is
 * asked for once as long as the program's file stays the same.
 * @param file where the answers are kept between runs
 */
export async function toolVersions(
  tools: readonly string[],
  { path, file }: { readonly path: string; readonly file: string },
): Promise<Record<string, string>> {
  const remembered = (await readJson<Remembered>(file)) ?? {}
  const fresh: Remembered = {}
  const versions = await Promise.all(
    tools.map(async (tool) => {
      if (tool === 'platform') return [tool, `${process.platform}-${process.arch}`]
      const found = await locate(tool, path)
      if (found === null) return [tool, 'absent']
      if (tool === 'sh') return [tool, found.stamp.split(' ', 1)[0]!]
      const known = remembered[found.file]
      if (known?.stamp === found.stamp) return [tool, known.version]
      const version = await ask(found.file, ASK[tool]!)
      fresh[found.file] = { stamp: found.stamp, version }
      return [tool, version]
    }),
  )
  if (Object.keys(fresh).length > 0) await writeJson(file, { ...remembered, ...fresh })
  return Object.fromEntries(versions) as Record<string, string>
}

async function locate(tool: string, path: string) {
  for (const folder of path.split(':')) {
    const file = join(folder, tool)
    if (folder === '' || !(await isExecutable(file))) continue
    const real = await realpath(file)
    const { size, mtimeMs } = await stat(real)
    return { file, stamp: `${real} ${size} ${mtimeMs}` }
  }
  return null
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Its first line on stdout or stderr; a program that cannot be asked is known by its error. */
async function ask(file: string, args: readonly string[]): Promise<string> {
  const asked = promisify(execFile)(file, [...args], { timeout: 20_000 })
  const text = await asked.then(
    ({ stdout, stderr }) => stdout || stderr,
    (error: Error) => `unknown: ${error.message}`,
  )
  return text.trim().split('\n', 1)[0]!
}
