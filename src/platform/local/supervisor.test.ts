import { platformContract } from '../platform.contract.ts'
import { openSupervisor } from './supervisor.ts'
import { SHOP, temporaryFolder, unpackFixture } from './testdata/fixture.ts'
import { tinyBalancer } from './testdata/tiny-balancer.ts'

platformContract('the supervisor', async () => {
  const folder = await temporaryFolder()
  const balancer = tinyBalancer()
  const supervisor = await openSupervisor({ folder: folder.path, balancer, unpack: unpackFixture })
  return {
    platform: supervisor,
    inTraffic: () => balancer.readyInstances(SHOP),
    close: async () => {
      await supervisor.close()
      await balancer.close()
      await folder.remove()
    },
  }
})
