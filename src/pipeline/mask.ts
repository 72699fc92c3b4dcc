/** What stands where a secret was. */
const MASK = '***'

/** Text from which secrets are taken out while it streams by. */
export interface Masker {
  /** What can be shown now: all but an end that may be the beginning of a secret. */
  write(text: string): string
  /** What was held back. */
  end(): string
}

/**
 * Takes the secrets out, and what base64 (at any offset inside a longer text) and URL encoding make
 * of them, also where one is cut by the border of two pieces.
 */
export function maskerOf(secrets: readonly string[]): Masker {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return { write: (text) => text, end: () => '' }
  let held = ''
  return {
    write(text) {
      const { shown, rest } = mask(held + text, forms, false)
      held = rest
      return shown
    },
    end() {
      const { shown } = mask(held, forms, true)
      held = ''
      return shown
    },
  }
}

/** Longest form first at each position; stops where a form may still become complete. */
function mask(text: string, forms: readonly string[], isEnd: boolean) {
  const starts = new Set(forms.map((form) => form[0]))
  let shown = ''
  let from = 0
  for (let at = 0; at < text.length; ) {
    if (!starts.has(text[at])) {
      at++
      continue
    }
    const form = forms.find((each) => text.startsWith(each, at))
    const left = text.length - at
    const mayGrow = (each: string) => each.length > left && each.startsWith(text.slice(at))
    if (!isEnd && forms.some(mayGrow)) {
      return { shown: shown + text.slice(from, at), rest: text.slice(at) }
    }
    if (form === undefined) {
      at++
      continue
    }
    shown += text.slice(from, at) + MASK
    at += form.length
    from = at
  }
  return { shown: shown + text.slice(from), rest: '' }
}

/** Encodings shorter than this are met in ordinary text by chance. */
const LEAST_ENCODED = 6

function formsOf(secret: string): readonly string[] {
  if (secret === '') return []
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LEAST_ENCODED)
  const encoded = [
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64Of(secret),
  ]
  return [secret, ...lines, ...encoded.filter((form) => form.length >= LEAST_ENCODED)]
}

/** The characters that depend on the secret alone, for each of the three offsets it may have in what is encoded. */
function base64Of(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const cores = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const isWhole = (offset + bytes.length) % 3 === 0
    return text.slice(Math.ceil((offset * 8) / 6), isWhole ? undefined : -1)
  })
  const urlSafe = cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'))
  const whole = bytes.toString('base64')
  return [whole, whole.replace(/=+$/, ''), bytes.toString('base64url'), ...cores, ...urlSafe]
}
