import type { Command, Option } from 'commander'
import { CliError } from './cli-error.ts'
import { programOf, type VerbEntry } from './program.ts'
import type { Verb } from './verb.ts'

/** What a shell is told of a verb. */
type Known = {
  readonly name: string
  readonly summary: string
  readonly options: readonly Flag[]
}

type Flag = {
  /** `--state`; a short one before it. */
  readonly names: readonly string[]
  readonly summary: string
  /** `none`: it takes no value. */
  readonly value: 'none' | 'path' | 'text'
}

/** Prints a completion script, made from the verbs' own definitions. */
export function completionVerb(entries: () => readonly VerbEntry[]): Verb {
  return {
    example: 'source <(slipway completion bash)',
    json: '{ shell: string; script: string }',

    define(command) {
      command
        .argument('<shell>', `for which shell: ${Object.keys(SCRIPTS).join(', ')}`)
        .addHelpText('after', INSTALL)
    },

    async run(context, [shell = ''], _options) {
      const script = SCRIPTS[shell]
      if (script === undefined) throw unknownShell(shell)
      const program = await programOf(entries(), {
        context,
        isLoaded: () => true,
        onExit: () => undefined,
      })
      const text = script(program.commands.map(knownOf))
      context.out(context.json ? JSON.stringify({ shell, script: text }) : text.trimEnd())
      return 0
    },
  }
}

const INSTALL = `
To keep it:
  bash  echo 'source <(slipway completion bash)' >> ~/.bashrc
  zsh   slipway completion zsh > "\${fpath[1]}/_slipway"
  fish  slipway completion fish > ~/.config/fish/completions/slipway.fish`

const SCRIPTS: Readonly<Record<string, (verbs: readonly Known[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

function knownOf(command: Command): Known {
  const help = { names: ['-h', '--help'], summary: 'print this', value: 'none' } as const
  return {
    name: command.name(),
    summary: command.description(),
    options: [...command.options.map(flagOf), help],
  }
}

function flagOf({ short, long, flags, description }: Option): Flag {
  const names = [short, long].filter((name) => name !== undefined && name !== null)
  const [, value] = /[<[](\w+)/.exec(flags) ?? []
  const isPath = value === 'file' || value === 'folder'
  return {
    names,
    summary: description,
    value: value === undefined ? 'none' : isPath ? 'path' : 'text',
  }
}

function bashScript(verbs: readonly Known[]): string {
  const names = verbs.map(({ name }) => name).join(' ')
  const cases = verbs.map(({ name, options }) => {
    const words = options.flatMap((option) => option.names).join(' ')
    return `    ${name}) words='${words}' ;;`
  })
  const taking = (kind: Flag['value']) => {
    const found = verbs.flatMap(({ options }) => options.filter(({ value }) => value === kind))
    return [...new Set(found.flatMap((option) => option.names))].sort().join('|')
  }
  return `# bash completion for slipway; made by: slipway completion bash
_slipway() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names} help --help --version' -- "$word"))
    return
  fi
  case $before in
    ${taking('path')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${taking('text')}) return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    help) words='${names}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _slipway slipway
`
}

function zshScript(verbs: readonly Known[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&')
  const specs = verbs.map(({ name, options }) => {
    const lines = options.flatMap(({ names, summary, value }) =>
      names.map((flag) => {
        const wants = value === 'none' ? '' : value === 'path' ? ':path:_files' : ':value:'
        return `        '${flag}[${quote(summary)}]${wants}'`
      }),
    )
    return `      ${name})\n        _arguments \\\n${lines.join(' \\\n')} \\\n        '*:argument:' ;;`
  })
  const described = verbs.map(({ name, summary }) => `    '${name}:${quote(summary)}'`)
  return `#compdef slipway
# zsh completion for slipway; made by: slipway completion zsh
_slipway() {
  local -a verbs
  verbs=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'verb' verbs
  else
    local verb=$words[2]
    shift words
    (( CURRENT-- ))
    case $verb in
${specs.join('\n')}
    esac
  fi
}
# Sourced, it registers itself; from a folder of fpath it is the function's first call.
if [ "$funcstack[1]" = _slipway ]; then
  _slipway "$@"
else
  compdef _slipway slipway
fi
`
}

function fishScript(verbs: readonly Known[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = verbs.flatMap(({ name, summary, options }) => [
    `complete -c slipway -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
    ...options.map(({ names, summary: about, value }) => {
      const flags = names.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      const wants = value === 'none' ? '' : value === 'path' ? ' -r -F' : ' -x'
      const when = quote(`__fish_seen_subcommand_from ${name}`)
      return `complete -c slipway -n ${when} ${flags.join(' ')} -d ${quote(about)}${wants}`
    }),
  ])
  return `# fish completion for slipway; made by: slipway completion fish\n${lines.join('\n')}\n`
}

function unknownShell(shell: string): CliError {
  const message = `no completion for ${shell}: there is one for ${Object.keys(SCRIPTS).join(', ')}`
  return new CliError({ code: 'bad-option', fault: 'input', message })
}
