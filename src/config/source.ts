import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Finding, Path, Problem } from './problem.ts'

/** The text of a file as a tree that remembers where each thing stands. */
export class Source {
  readonly file: string
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  private constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.file = file
    this.#document = document
    this.#lines = lines
  }

  /** Reads YAML 1.2; what is not even that is told with its place. Never throws. */
  static parse(text: string, file: string): { source: Source } | { problems: readonly Problem[] } {
    const lines = new LineCounter()
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    const source = new Source(file, document, lines)
    const problems = [...document.errors, ...document.warnings].map((error) =>
      source.#problem(error.pos[0], syntaxMessage(error.code, error.message)),
    )
    if (problems.length === 0) problems.push(...source.#unusable())
    if (problems.length > 0) return { problems }
    source.#keepNumbersAsWritten()
    return { source }
  }

  /** The file as plain data: maps, lists and scalars. */
  data(): unknown {
    return this.#document.toJS()
  }

  /** Whether the path is written in the file. */
  has(path: Path): boolean {
    return path.length === 0 || this.#descend(path).depth === path.length
  }

  /** Line and column, from 1, of a key or its value; of what is nearest above it if it is not there. */
  place(path: Path, at: 'key' | 'value'): { readonly line: number; readonly column: number } {
    const { key, value, depth } = this.#descend(path)
    const wanted = at === 'key' || depth < path.length ? (key ?? value) : (value ?? key)
    return this.#position(wanted?.range?.[0] ?? 0)
  }

  problem({ path, at, message, hint }: Finding, formatted: string): Problem {
    return { file: this.file, ...this.place(path, at), path: formatted, message, hint }
  }

  #descend(path: Path): { key: Node | null; value: Node | null; depth: number } {
    let key: Node | null = null
    let value: Node | null = this.#document.contents
    for (const [depth, part] of path.entries()) {
      const inside = isAlias(value) ? (value.resolve(this.#document) ?? null) : value
      const pair = isMap(inside)
        ? inside.items.find((each) => isScalar(each.key) && String(each.key.value) === String(part))
        : undefined
      const item = isCollection(inside) && !isMap(inside) ? inside.items[Number(part)] : undefined
      if (pair === undefined && item === undefined) return { key, value, depth }
      key = pair !== undefined && isNode(pair.key) ? pair.key : isNode(item) ? item : null
      value =
        pair === undefined ? (isNode(item) ? item : null) : isNode(pair.value) ? pair.value : null
    }
    return { key, value, depth: path.length }
  }

  /** What YAML allows and no map of names can be. */
  #unusable(): Problem[] {
    const problems: Problem[] = []
    const aliases: { readonly from: number; readonly to: number; readonly name: string }[] = []
    visit(this.#document, {
      Pair: (_, pair) => {
        const at = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
        if (!isScalar(pair.key) || pair.key.value === null)
          problems.push(this.#problem(at, 'a key must be a word'))
        else if (pair.key.value === '__proto__')
          problems.push(this.#problem(at, '__proto__ cannot be a key'))
      },
      Alias: (_, alias) => {
        const [from] = alias.range ?? [0]
        const to = alias.resolve(this.#document)
        if (to === undefined)
          problems.push(this.#problem(from, `*${alias.source} names no &${alias.source} before it`))
        else if ((to.range?.[0] ?? 0) <= from && from < (to.range?.[1] ?? 0))
          problems.push(this.#problem(from, `*${alias.source} contains itself`))
        else aliases.push({ from, to: to.range?.[0] ?? 0, name: alias.source })
      },
    })
    if (aliases.length > MAX_ALIASES)
      problems.push(
        this.#problem(aliases[MAX_ALIASES]?.from ?? 0, `more than ${MAX_ALIASES} aliases`),
      )
    return problems
  }

  /** `ZIP: 01234` and `VERSION: 1.10` are meant as they stand there: a number would lose digits. */
  #keepNumbersAsWritten(): void {
    visit(this.#document, {
      Pair: (_, pair) => {
        const isTextual = isScalar(pair.key) && /^(env|matrix)$/.test(String(pair.key.value))
        if (!isTextual || !isMap(pair.value)) return undefined
        visit(pair.value, {
          Scalar: (key, scalar) => {
            if (key !== 'key' && typeof scalar.value === 'number')
              scalar.value = scalar.source ?? String(scalar.value)
          },
        })
        return visit.SKIP
      },
    })
  }

  #problem(offset: number, message: string): Problem {
    return { file: this.file, ...this.#position(offset), path: '', message, hint: null }
  }

  #position(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

/** More would only be an attempt to fill the memory: they multiply when nested. */
const MAX_ALIASES = 50

function syntaxMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice: keep one of them'
  if (code === 'MULTIPLE_DOCS') return 'only one document: remove the --- and what follows'
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent: use spaces'
  return `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
