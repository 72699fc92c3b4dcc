import { SlipwayError } from '../errors/index.ts'

/** Each is explained in docs/errors/store.md. */
export type StoreErrorCode =
  | 'disk-full'
  | 'event-invalid'
  | 'store-busy'
  | 'store-corrupted'
  | 'store-in-use'
  | 'store-missing'
  | 'store-newer'
  | 'store-older'
  | 'store-read-only'
  | 'store-unreachable'
  | 'version-conflict'

export class StoreError extends SlipwayError<StoreErrorCode> {}
