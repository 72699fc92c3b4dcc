export type Trailer = { readonly key: string; readonly value: string }

export type Message = {
  readonly subject: string
  /** Paragraphs between subject and trailers; absent: none. */
  readonly body?: string
  readonly trailers?: readonly Trailer[]
}

/**
 * A commit message whose last paragraph is the trailers, as `git interpret-trailers` reads them.
 * Values are made one line, so that no text given by a user can add a trailer of its own.
 * @throws RangeError for a key that git would not read as one
 */
export function commitMessage({ subject, body, trailers = [] }: Message): string {
  const lines = trailers.map(({ key, value }) => `${checkedKey(key)}: ${oneLine(value)}`)
  const paragraphs = [oneLine(subject), body?.trim() ?? '', lines.join('\n')]
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`
}

/** The value of the last trailer with that key (upper and lower case are one); null: there is none. */
export function trailerOf(
  commit: { readonly trailers: readonly Trailer[] },
  key: string,
): string | null {
  const wanted = key.toLowerCase()
  return commit.trailers.findLast((trailer) => trailer.key.toLowerCase() === wanted)?.value ?? null
}

function checkedKey(key: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(key)) throw new RangeError(`no trailer key: ${key}`)
  return key
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end a line or a field
  return text.replace(/[\s\u0000-\u001f]+/g, ' ').trim()
}
