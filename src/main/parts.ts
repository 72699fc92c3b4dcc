import type { VerbParts } from '../cli/index.ts'

/** What the verbs are handed; each is loaded when a verb asks for it. */
export const parts: VerbParts = {
  serve: () => import('./serve.ts'),
  node: () => import('./node.ts'),
  pipeline: () => import('./pipeline.ts'),
  judge: async () => (await import('./judge.ts')).judgeParts(),
  logs: async () => (await import('./logs.ts')).logsParts,
}
