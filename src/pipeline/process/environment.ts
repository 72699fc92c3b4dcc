import { delimiter, dirname } from 'node:path'

/** What a step inherits, whatever else its machine's environment holds. */
const INHERITED = ['HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'SHELL']

/** Where commands look for programs: first where the Node that runs Slipway lies. */
export function searchPath(): string {
  const path = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'
  return [dirname(process.execPath), path].join(delimiter)
}

/**
 * Environment of a command: a few inherited variables, then what the step declares.
 * @param temporary absolute folder for temporary files, the step's own
 */
export function environmentOf(
  declared: Readonly<Record<string, string>>,
  temporary: string,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return {
    ...Object.fromEntries(inherited),
    PATH: searchPath(),
    TMPDIR: temporary,
    CI: 'true',
    ...declared,
  }
}
