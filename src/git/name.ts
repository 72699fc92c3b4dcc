import { withoutCredentials } from './address.ts'
import { GitError } from './errors.ts'

/**
 * A ref, commit or refspec as it may stand on git's command line.
 * @throws GitError `bad-name`: empty, begins with `-` (git would take it for an option), or not one line
 */
export function checkedRef(ref: string): string {
  return checked(ref, ref, 'ref or commit')
}

/**
 * A remote's address: a URL, `user@host:path` or a path.
 * @throws GitError `bad-name`: as above, or of the form `helper::address`, which runs a program
 */
export function checkedUrl(url: string): string {
  const shown = withoutCredentials(url)
  if (/^[a-z0-9]+::/i.test(url)) throw badName(shown, 'address of a repository')
  return checked(url, shown, 'address of a repository')
}

/**
 * A path of a file in a tree, from the top, with `/`.
 * @throws GitError `bad-name`: git would leave it out without an error (`..`, `.git`, absolute, empty parts)
 */
export function checkedPath(path: string): string {
  const isOdd = (part: string) => ['', '.', '..'].includes(part) || part.toLowerCase() === '.git'
  if (path.includes('\0') || path.split('/').some(isOdd)) {
    throw new GitError({
      code: 'bad-name',
      fault: 'input',
      message: `${JSON.stringify(path)} is no path of a file in a repository: write it from the top, without ".", ".." and ".git"`,
    })
  }
  return path
}

function checked(name: string, shown: string, what: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (name === '' || name.startsWith('-') || /[\u0000-\u001f]/.test(name)) {
    throw badName(shown, what)
  }
  return name
}

function badName(shown: string, what: string): GitError {
  return new GitError({
    code: 'bad-name',
    fault: 'input',
    message: `${JSON.stringify(shown)} is no ${what}: it is empty, begins with "-", has a line break in it, or names a helper program; write it plainly`,
  })
}
