/**
 * errors: what every error that a user can mend has in common.
 * Nouns: code (closed set per room), fault (whose move it is), retry (what a loop does).
 * It never prints and never decides an exit code: `cli` maps `fault` to one.
 */
export { asSlipwayError, type Fault, type Retry, SlipwayError } from './slipway-error.ts'
