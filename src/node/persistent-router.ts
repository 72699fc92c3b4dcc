import type { TrafficRouter } from '../traffic/index.ts'
import type { RouteFile } from './route-file.ts'

/** A router whose splits are the ones on disk when it begins, and are kept there. */
export async function persistentRouter(
  router: TrafficRouter,
  file: RouteFile,
): Promise<TrafficRouter> {
  for (const { workload, split } of file.routes) {
    await router.setSplit(workload, split)
    // Opens its direct address, which programs may have been told long ago.
    await router.address(workload)
  }
  return {
    async setSplit(workload, split) {
      // In force first: a rollback must not wait for a disk.
      await router.setSplit(workload, split)
      await file.put(workload, split)
    },
    observe: (workload) => router.observe(workload),
    async remove(workload) {
      await router.remove(workload)
      await file.remove(workload)
    },
    address: (workload) => router.address(workload),
  }
}
