import type { Command } from 'commander'

/** Options that several verbs share, so that they read the same everywhere. */
export function stateOption(command: Command): Command {
  return command.option(
    '--state <folder>',
    'where Slipway keeps its state; default: .slipway beside slipway.yaml',
  )
}

export function actorOption(command: Command): Command {
  return command.option('--as <who>', 'who is asking; default: git config user.email')
}

export function reasonOption(command: Command): Command {
  return command.option(
    '--reason <text>',
    'why; it is kept in the log and in the environment repo',
    '',
  )
}

export function text(options: Readonly<Record<string, unknown>>, name: string): string {
  const value = options[name]
  return typeof value === 'string' ? value : ''
}
