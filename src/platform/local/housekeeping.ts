import type { Ground } from './ground.ts'
import type { LocalInstance } from './instance.ts'
import { logFile, rotate } from './log-file.ts'
import { residentByGroup } from './memory.ts'
import { rest } from './rest.ts'
import type { LocalWorkload } from './workload.ts'

const INTERVAL_MS = 1000

/** An instance this far over its limit goes at once, whether another one is ready or not. */
const TOO_FAR = 1.25

/** Until `signal` is aborted: once a second rotates logs and looks at memory limits. */
export async function keepHouse(options: {
  readonly ground: Ground
  readonly workloads: () => readonly LocalWorkload[]
  readonly signal: AbortSignal
  readonly onTick: () => void
  readonly onProblem: (error: unknown) => void
}): Promise<void> {
  const { ground, signal } = options
  for (;;) {
    await rest(INTERVAL_MS, signal)
    if (signal.aborted) return
    const instances = options.workloads().flatMap((workload) => workload.instances)
    try {
      options.onTick()
      await checkMemory(instances)
      for (const { workload, id } of instances) {
        await rotate(logFile(ground.folder, workload, id), ground.logs)
      }
    } catch (error) {
      // A full disk must not end the supervisor: it is shown, and tried again in a second.
      options.onProblem(error)
    }
  }
}

async function checkMemory(instances: readonly LocalInstance[]): Promise<void> {
  const limited = instances.filter(({ revision }) => revision.memoryBytes !== null)
  const groups = limited.map(({ group }) => group).filter((group) => group !== null)
  if (groups.length === 0) return
  const resident = await residentByGroup(new Set(groups))
  for (const instance of limited) {
    const limit = instance.revision.memoryBytes ?? Number.POSITIVE_INFINITY
    const used = resident.get(instance.group ?? 0) ?? 0
    if (used <= limit) continue
    instance.retire(`uses ${megabytes(used)}, its limit is ${megabytes(limit)}`)
    if (used > limit * TOO_FAR) void instance.stop()
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`
}
