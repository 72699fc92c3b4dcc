import { type Facts, filesBelow, inFolder, type Tree } from './candidate.ts'

const isSource = /\.(js|mjs|cjs|ts|mts|jsx|tsx|py|go|rb|java|kt|rs|php|ex|exs|cs)$/
const isTest = /(^|\/)(tests?|spec|__tests__|node_modules|vendor)\/|[._](test|spec)\.|(^|\/)test_/

/** The ways that say "I can take traffic" before those that only say "I am alive". */
const readyPaths = ['/readyz', '/ready', '/healthz', '/health', '/up', '/ping']

/** Where languages read the port that they listen on, with the one they fall back to. */
const portFallbacks: readonly RegExp[] = [
  /process\.env(?:\.PORT|\[['"]PORT['"]\])\s*(?:\?\?|\|\|)\s*['"]?(\d{2,5})/,
  /(?:environ\.get|getenv)\(\s*['"]PORT['"]\s*,\s*['"]?(\d{2,5})/,
  /ENV\.fetch\(\s*['"]PORT['"]\s*[,)]\s*\{?\s*['"]?(\d{2,5})/,
  /\.listen\(\s*(\d{2,5})\b/,
  /ListenAndServe\(\s*"[^":]*:(\d{2,5})"/,
]

/** What the sources of a folder tell of how the service is reached. `without`: folders below that are services of their own. */
export function detectInSources(tree: Tree, folder: string, without: readonly string[]): Facts {
  const sources = filesBelow(tree, folder)
    .filter((file) => isSource.test(file) && !isTest.test(file))
    .map((file) => inFolder(folder, file))
    .filter((file) => !without.some((other) => file.startsWith(`${other}/`)))
  const ready = readyOf(tree, sources)
  const port = portOf(tree, sources)
  const api = filesBelow(tree, folder).find((file) =>
    /^(openapi|swagger)\.(ya?ml|json)$/.test(file),
  )
  return {
    ...(ready === null ? {} : { ready }),
    ...(port === null ? {} : { port }),
    ...(api === undefined ? {} : { api: { value: api, from: inFolder(folder, api) } }),
  }
}

function readyOf(tree: Tree, sources: readonly string[]): Facts['ready'] | null {
  for (const path of readyPaths) {
    const quoted = new RegExp(`['"\`](?:GET )?${path}/?['"\`]`)
    const file = sources.find((source) => quoted.test(tree.read(source) ?? ''))
    if (file !== undefined) return { value: path, from: file }
  }
  return null
}

function portOf(tree: Tree, sources: readonly string[]): Facts['port'] | null {
  for (const form of portFallbacks) {
    for (const file of sources) {
      const port = Number(form.exec(tree.read(file) ?? '')?.[1])
      if (port > 0 && port <= 65535) return { value: port, from: file }
    }
  }
  return null
}
