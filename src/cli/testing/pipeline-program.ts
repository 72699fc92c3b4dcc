import { openRepository } from '../../git/index.ts'
import { Pipeline, type PipelineParts, processExecutor } from '../../pipeline/index.ts'
import { runCommandLine } from '../command-line.ts'
import { planVerb } from '../plan.ts'
import type { PipelineVerbParts } from '../project-pipeline.ts'
import { runVerb } from '../run.ts'

/** A packager whose artifacts are named after the commit that they come from. */
const packager: PipelineParts['packager'] = {
  package: async ({ service, origin }) => ({
    service,
    digest: `sha256:${origin.commit}`,
    version: origin.version,
    commit: origin.commit,
  }),
  has: async () => true,
}

const parts: PipelineVerbParts = {
  pipelineOf: ({ root, home, env }) =>
    new Pipeline({
      repository: openRepository(root),
      executor: processExecutor({ graceMs: 500 }),
      packager,
      secrets: { env, folder: root },
      build: 'test',
      folders: home,
    }),
}

/** The command line with the two verbs of the pipeline, as a program that hears Ctrl-C. */
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
process.exitCode = await runCommandLine(
  [
    { name: 'plan', summary: 'plan', load: async () => planVerb(parts) },
    { name: 'run', summary: 'run', load: async () => runVerb(parts) },
  ],
  process.argv.slice(2),
  {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    isTerminal: process.env.SAMPLE_TERMINAL === 'yes',
    columns: null,
    json: false,
    signal: stop.signal,
  },
)
