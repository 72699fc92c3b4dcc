// Writes docs/cli.md from the verbs' own definitions, so that the page says what `--help` says:
// `node scripts/cli-reference.mjs`. With `--print` it prints the page and writes nothing.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programOf, verbs } from '../src/cli/index.ts'
import { parts } from '../src/main/parts.ts'
import { root } from './bootstrap.mjs'

const page = join(root, 'docs', 'cli.md')

const HEAD = `# The command line

<!-- Made by scripts/cli-reference.mjs from src/cli; a test fails when it is stale. -->

\`slipway VERB --help\` tells the same. Every verb takes \`--json\` and then prints one JSON document on standard output and nothing else there; its shape stands below as a TypeScript type. Progress, notes and errors go to standard error.

| exit code | means                                                          |
| --------- | -------------------------------------------------------------- |
| 0         | done                                                           |
| 1         | the answer is no: a gate, a verdict, a failed step, a change   |
| 2         | the input is wrong; nothing was changed                        |
| 3         | something outside failed; the message says what to do          |
| 130       | interrupted; what was begun is cleaned up                      |
`

const text = await reference()
if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(page, text)

/** The whole page: a section for each verb, in the order of `slipway --help`. */
async function reference() {
  const entries = verbs(parts)
  const context = { columns: null, out: () => {}, note: () => {} }
  const program = await programOf(entries, { context, isLoaded: () => true, onExit: () => {} })
  const sections = entries.map(async ({ name, summary, load }) => {
    const command = program.commands.find((each) => each.name() === name)
    return section(command, { name, summary, verb: await load() })
  })
  return [HEAD, ...(await Promise.all(sections))].join('\n')
}

function section(command, { name, summary, verb }) {
  const sentence = `${summary[0].toUpperCase()}${summary.slice(1)}.`
  const args = command.registeredArguments.map((each) => [usageOf(each), each.description])
  const options = command.options.map((each) => [each.flags, each.description])
  const usage = ['slipway', name, ...command.registeredArguments.map(usageOf), '[options]']
  return [
    `## ${name}\n`,
    `${sentence}\n`,
    `\`\`\`sh\n${usage.join(' ')}\n${verb.example} # for example\n\`\`\`\n`,
    ...[...args, ...options].map(([word, about]) => `- \`${word}\`: ${escaped(about)}`),
    `\nWith \`--json\`:\n\n\`\`\`ts\n${verb.json}\n\`\`\`\n`,
  ].join('\n')
}

function usageOf(argument) {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
}

function escaped(text) {
  return text.replaceAll('*', '\\*').replaceAll('<', '\\<')
}
