import { listProcesses, residentBytes } from './process-table.ts'

/** Resident bytes of each process group, summed over its processes (pages that they share count for each). */
export async function residentByGroup(
  groups: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  const sums = new Map<number, number>()
  for (const { pid, group } of await listProcesses()) {
    if (groups.has(group)) sums.set(group, (sums.get(group) ?? 0) + residentBytes(pid))
  }
  return sums
}
