import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, jsonSchema } from '../config/index.ts'
import type { Verb } from './verb.ts'

/** Prints the JSON Schema of `slipway.yaml`, or writes it where an editor finds it. */
export const verb: Verb = {
  example: 'slipway schema --write .slipway/schema.json',
  json: `object // the JSON Schema itself; with --write: { file: string }`,

  define(command) {
    command.option('--write <file>', 'write it to a file instead of printing it')
  },

  async run(context, _args, options) {
    const text = JSON.stringify(jsonSchema(), null, 2)
    if (typeof options.write !== 'string') {
      context.out(text)
      return 0
    }
    writeSchema(resolve(context.cwd, options.write), `${text}\n`)
    if (context.json) context.out(JSON.stringify({ file: options.write }))
    else context.out(`wrote ${options.write}`)
    return 0
  },
}

function writeSchema(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new ConfigError({
      code: 'schema-not-written',
      fault: 'outside',
      message: `cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    })
  }
}
