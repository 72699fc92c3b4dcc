import type { Verdict } from '../analysis/index.ts'
import type { Instance, WorkloadRef } from '../platform/index.ts'
import type { Capacity, Observed } from '../rollout/index.ts'
import type { RolloutRecord } from './records.ts'
import type { World } from './world.ts'

/** What a rollout may know, gathered once per look. */
export async function observe(
  world: World,
  record: RolloutRecord,
  asked: { readonly wanted: string | null; readonly verdict: Verdict | null },
): Promise<Observed> {
  const workload: WorkloadRef = record.spec.workload
  const [{ instances }, split] = await Promise.all([
    world.platform.observe(workload),
    world.traffic.observe(workload),
  ])
  const { stable, candidate } = record.spec
  const others = instances.filter(({ revision }) => revision !== stable && revision !== candidate)
  return {
    status: record.status,
    stable: capacityOf(instances, stable),
    candidate: capacityOf(instances, candidate),
    others: others.length,
    // Stickiness is the workload's, not the rollout's: `decide` neither asks for it nor waits for it.
    split: split && { ...split, sticky: false },
    verdict: asked.verdict,
    wanted: asked.wanted,
    checks: record.checks,
    commands: record.commands,
  }
}

export function capacityOf(instances: readonly Instance[], revision: string | null): Capacity {
  const own = instances.filter((instance) => instance.revision === revision)
  const draining = own.filter((instance) => instance.state === 'draining')
  const ready = own.filter((instance) => instance.state === 'ready')
  const lame = own.find((instance) => instance.state !== 'ready' && instance.reason !== null)
  return {
    total: own.length - draining.length,
    ready: ready.length,
    draining: draining.length,
    restarts: Math.max(0, ...own.map((instance) => instance.restarts)),
    reason: lame?.reason ?? null,
  }
}
