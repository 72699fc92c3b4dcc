import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import type { Context } from './verb.ts'

/** Who is asking: `--as`, else git's user.email, else the login name. */
export function actorOf(context: Context, options: Readonly<Record<string, unknown>>): string {
  if (typeof options.as === 'string') return options.as
  try {
    const args = ['config', '--get', 'user.email']
    const email = execFileSync('git', args, {
      cwd: context.cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (email.trim() !== '') return email.trim()
  } catch {
    // No git, or no address in its configuration: the login name is as good.
  }
  return userInfo().username
}
