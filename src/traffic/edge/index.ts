/**
 * traffic/edge: the built-in edge: HTTP/1.1 in, to the instances of a workload out.
 * Decides for each request which revision and which instance gets it, repeats what is safe to repeat,
 * and counts what instances answered. It never decides a weight and never starts an instance.
 * Nouns: Route (a workload at the edge), Group (a revision's instances), Endpoint (an instance),
 * Forward (a client's request), Attempt (that request at one instance), Tally (counts), Tick.
 * A request comes in at listener.ts, finds its route in gateway.ts, and is handled by forward.ts.
 * Read first: edge.ts, then forward.ts.
 */
export type { DirectPorts } from './direct-listeners.ts'
export { createEdge, type Edge, type EdgeOptions } from './edge.ts'
export type { Suspect } from './endpoint.ts'
export { DEFAULT_LIMITS, type EdgeLimits } from './limits.ts'
