import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { replaceFile } from '../home/index.ts'
import type { WorkloadRef } from '../platform/index.ts'
import { workloadSchema } from '../platform/local/index.ts'
import type { Split } from '../traffic/index.ts'
import { NodeError } from './node-error.ts'
import { splitSchema } from './wire.ts'

const schema = z.strictObject({
  format: z.literal(1),
  routes: z.array(z.strictObject({ workload: workloadSchema, split: splitSchema })),
})

type Routes = Readonly<z.infer<typeof schema>>

/** The splits that were asked for, so that a node that starts again has routes before it has traffic. */
export interface RouteFile {
  readonly routes: Routes['routes']
  /** @throws NodeError `routes-not-saved` */
  put(workload: WorkloadRef, split: Split): Promise<void>
  /** @throws NodeError `routes-not-saved` */
  remove(workload: WorkloadRef): Promise<void>
}

/** @throws NodeError `routes-unreadable` */
export async function openRouteFile(folder: string): Promise<RouteFile> {
  const file = join(folder, 'routes.json')
  let saved = await read(file)
  let wanted = saved
  let writing: Promise<void> = Promise.resolve()

  const save = (): Promise<void> => {
    const written = writing.then(async () => {
      const now = wanted
      if (isDeepStrictEqual(now, saved)) return
      await saveRoutes(file, JSON.stringify({ format: 1, routes: now }))
      saved = now
    })
    // Whoever asked hears of a failure; the next write is tried all the same.
    writing = written.catch(() => {})
    return written
  }
  const others = (workload: WorkloadRef) =>
    wanted.filter((route) => !isDeepStrictEqual(route.workload, workload))

  return {
    get routes() {
      return wanted
    },
    put(workload, split) {
      wanted = [...others(workload), { workload: refOf(workload), split }]
      return save()
    },
    remove(workload) {
      wanted = others(workload)
      return save()
    },
  }
}

function refOf({ environment, service }: WorkloadRef): WorkloadRef {
  return { environment, service }
}

async function read(file: string): Promise<Routes['routes']> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  try {
    return schema.parse(JSON.parse(text)).routes
  } catch (cause) {
    throw new NodeError({
      code: 'routes-unreadable',
      fault: 'outside',
      cause,
      message: `${file} does not hold a node's routes: move it away and start the node again; \`slipway serve\` sets the routes anew`,
    })
  }
}

async function saveRoutes(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text)
  } catch (cause) {
    throw new NodeError({
      code: 'routes-not-saved',
      fault: 'outside',
      retry: 'later',
      cause,
      message: `${file} could not be written: make room or mend its rights; the split is in force, but a node that starts again would not know it`,
    })
  }
}
