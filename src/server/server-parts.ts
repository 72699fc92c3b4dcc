import type { Controller, Operator, World } from '../controller/index.ts'

/** What every resource of the API reads and asks. */
export type ServerParts = {
  readonly world: World
  readonly controller: Controller
  readonly operator: Operator
}
