/** One thing that is wrong in a file, and what would be right. */
export type Problem = {
  /** As it was given to the parser. */
  readonly file: string
  /** Both from 1. */
  readonly line: number
  readonly column: number
  /** Keys and list places from the top, `services.orders.env`, `services.orders.inputs[1]`; empty: the file as a whole. */
  readonly path: string
  /** What is wrong. */
  readonly message: string
  /** What would be right; null: the message says it. */
  readonly hint: string | null
}

/** `slipway.yaml:7:5: services.orders.reday: unknown key; did you mean "ready"?` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, hint } = problem
  const where = path === '' ? '' : `${path}: `
  return `${file}:${line}:${column}: ${where}${message}${hint === null ? '' : `; ${hint}`}`
}

/** A place in the file's tree: keys of maps, numbers of list items. */
export type Path = readonly (string | number)[]

export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** What a check found, before it is known where in the text that is. */
export type Finding = {
  readonly path: Path
  /** Whether the key is meant or its value. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint: string | null
}
