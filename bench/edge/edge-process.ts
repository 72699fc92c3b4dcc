/** The built-in edge in a process of its own, told what to do by its parent. Bundled before it is started. */
import type { Endpoint } from '../../src/platform/index.ts'
import { createEdge } from '../../src/traffic/edge/index.ts'
import type { Split } from '../../src/traffic/index.ts'
import { answerCalls } from './remote.ts'
import { WORKLOAD } from './workload.ts'

const edge = createEdge()
await edge.listen()
answerCalls({
  port: () => edge.port,
  update: (endpoints: readonly Endpoint[]) => edge.update(WORKLOAD, endpoints),
  setSplit: (split: Split) => edge.setSplit(WORKLOAD, split),
  inFlight: (instance: string) => edge.inFlight(instance),
})
