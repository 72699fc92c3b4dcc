/**
 * home: the folder in which Slipway keeps what it knows (`.slipway` beside slipway.yaml).
 * Decides where each thing lies, so that `serve`, `node` and the command line find one another.
 */

export { findHome, findProjectFolder, type Home, homeOf, makeHome } from './home.ts'
export { replaceFile } from './replace-file.ts'
