import { openLayoutStore } from '../artifact/index.ts'
import { type Home, makeHome } from '../home/index.ts'
import { type RunningNode, startNode as startPlane } from '../node/index.ts'
import { createEdge } from '../traffic/edge/index.ts'

/** The embedded data plane: instances from the OCI layout, and the built-in edge before them. */
export async function startNode(options: {
  readonly home: Home
  readonly port: number
  readonly env: Readonly<Record<string, string | undefined>>
}): Promise<RunningNode> {
  const { home, port, env } = options
  makeHome(home)
  const artifacts = await openLayoutStore({ folder: home.artifacts })
  return startPlane({ home, port, env, createEdge, unpack: (digest) => artifacts.unpack(digest) })
}
