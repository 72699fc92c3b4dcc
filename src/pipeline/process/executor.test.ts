import { executorContract } from '../executor.contract.ts'
import { processExecutor } from './executor.ts'

executorContract('process', () => processExecutor({ graceMs: 500 }))
