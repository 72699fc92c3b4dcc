/**
 * kept: whether artifacts that were built are still there and whole.
 * A room of its own because a run in which nothing changed asks it, and needs nothing else of artifact.
 * Read kept-artifacts.ts.
 */
export { KeptArtifacts, type KeptArtifactsParts } from './kept-artifacts.ts'
