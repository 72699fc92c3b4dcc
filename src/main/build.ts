/** Put in by the bundler: a hash of all that the bundle is made of. */
declare const SLIPWAY_BUILD: string | undefined

/** Which build of Slipway this is; null: its sources run as they are, and may change at any time. */
export function buildOf(): string | null {
  return typeof SLIPWAY_BUILD === 'undefined' ? null : SLIPWAY_BUILD
}
