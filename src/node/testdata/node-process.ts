// A node in a process of its own: STATE PORT. Prints one line of JSON when it is up.
import { homeOf } from '../../home/index.ts'
import { unpackFixture } from '../../platform/local/testdata/fixture.ts'
import { createEdge } from '../../traffic/edge/index.ts'
import { startNode } from '../index.ts'

const [state = '', port = '0'] = process.argv.slice(2)
const node = await startNode({
  home: homeOf(state),
  port: Number(port),
  createEdge,
  unpack: unpackFixture,
})
process.stdout.write(`${JSON.stringify(node.health)}\n`)
process.on('SIGTERM', async () => {
  await node.close()
  process.exit(0)
})
