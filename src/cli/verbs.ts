import type { JudgeParts } from './judge.ts'
import type { LogsParts } from './logs.ts'
import type { NodeVerbParts } from './node.ts'
import type { VerbEntry } from './program.ts'
import type { PipelineVerbParts } from './project-pipeline.ts'
import type { ServeParts } from './serve.ts'

/** What the verbs are handed: adapters, made only when a verb asks. */
export type VerbParts = {
  readonly judge: () => Promise<JudgeParts>
  readonly logs: () => Promise<LogsParts>
  readonly node: () => Promise<NodeVerbParts>
  readonly pipeline: () => Promise<PipelineVerbParts>
  readonly serve: () => Promise<ServeParts>
}

/** Every verb, in the order of `slipway --help`; a verb's file is read only when it is asked for. */
export function verbs(parts: VerbParts): readonly VerbEntry[] {
  return [
    {
      name: 'init',
      summary: 'write a first slipway.yaml for this repository',
      load: async () => (await import('./init.ts')).verb,
    },
    {
      name: 'check',
      summary: 'tell all that is wrong with slipway.yaml',
      load: async () => (await import('./check.ts')).verb,
    },
    {
      name: 'explain',
      summary: "tell a key's meaning, default and effective value",
      load: async () => (await import('./explain.ts')).verb,
    },
    {
      name: 'schema',
      summary: 'print the JSON Schema of slipway.yaml',
      load: async () => (await import('./schema.ts')).verb,
    },
    {
      name: 'plan',
      summary: 'tell what a run of a commit would do, and why',
      load: async () => (await import('./plan.ts')).planVerb(await parts.pipeline()),
    },
    {
      name: 'run',
      summary: 'build, test and package a commit here and now',
      load: async () => (await import('./run.ts')).runVerb(await parts.pipeline()),
    },
    {
      name: 'serve',
      summary: 'run the control plane of this project',
      load: async () => (await import('./serve.ts')).serveVerb(await parts.serve()),
    },
    {
      name: 'node',
      summary: 'run the data plane: instances and the edge',
      load: async () => (await import('./node.ts')).nodeVerb(await parts.node()),
    },
    {
      name: 'status',
      summary: 'what runs where, what is moving, what waits for whom',
      load: async () => (await import('./status.ts')).verb,
    },
    {
      name: 'logs',
      summary: 'what instances, or the steps of a run, have printed',
      load: async () => (await import('./logs.ts')).logsVerb(await parts.logs()),
    },
    {
      name: 'deploy',
      summary: 'put a release straight into an environment',
      load: async () => (await import('./deploy.ts')).verb,
    },
    {
      name: 'promote',
      summary: 'send a release on to an environment',
      load: async () => (await import('./promote.ts')).verb,
    },
    {
      name: 'approve',
      summary: 'approve a release for an environment',
      load: async () => (await import('./approve.ts')).verb,
    },
    {
      name: 'rollback',
      summary: 'take an environment back to what it ran before',
      load: async () => (await import('./rollback.ts')).verb,
    },
    {
      name: 'pause',
      summary: 'stop taking steps in a rollout; judging goes on',
      load: async () => (await import('./pause.ts')).pause,
    },
    {
      name: 'resume',
      summary: 'go on with a paused rollout',
      load: async () => (await import('./pause.ts')).resume,
    },
    {
      name: 'hold',
      summary: 'list rejected digests, or lift one',
      load: async () => (await import('./hold.ts')).verb,
    },
    {
      name: 'diff',
      summary: 'what promoting a release would change',
      load: async () => (await import('./diff.ts')).verb,
    },
    {
      name: 'demo',
      summary: 'run the main job on the example shop',
      load: async () => (await import('./demo.ts')).verb,
    },
    {
      name: 'judge',
      summary: 'judge a recorded stream of traffic offline',
      load: async () => (await import('./judge.ts')).judgeVerb(await parts.judge()),
    },
    {
      name: 'completion',
      summary: 'print what lets a shell complete verbs and options',
      load: async () => (await import('./completion.ts')).completionVerb(() => verbs(parts)),
    },
  ]
}
