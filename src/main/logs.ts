import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LogsParts, Workload } from '../cli/index.ts'
import type { Home } from '../home/index.ts'
import { logFile, logFolder } from '../platform/local/index.ts'

/** The logs that the node of a home keeps. */
export const logsParts: LogsParts = { workloads, instances, liveInstances }

function workloads(home: Home): readonly Workload[] {
  const top = join(home.node, 'logs')
  return namesIn(top).flatMap((environment) =>
    namesIn(join(top, environment)).map((service) => ({
      environment: decodeURIComponent(environment),
      service: decodeURIComponent(service),
    })),
  )
}

function instances(home: Home, workload: Workload) {
  const folder = logFolder(home.node, workload)
  return namesIn(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => {
      const instance = decodeURIComponent(name.slice(0, -'.log'.length))
      const writtenAt = statSync(join(folder, name)).mtimeMs
      return { instance, file: logFile(home.node, workload, instance), writtenAt }
    })
    .sort((a, b) => b.writtenAt - a.writtenAt)
}

async function liveInstances(home: Home, workload: Workload): Promise<readonly string[] | null> {
  if (!existsSync(home.nodeSocket)) return null
  const { connectNode, NodeError } = await import('../node/index.ts')
  const node = connectNode(home.nodeSocket)
  try {
    return (await node.platform.observe(workload)).instances.map(({ id }) => id)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'node-unreachable') return null
    throw error
  } finally {
    await node.close()
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
