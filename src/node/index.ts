/**
 * node: the data plane in one process: instances and the edge, told what to do over a Unix socket.
 * Decides the order of starting and ending (routes, adopted instances, edge, new instances, socket)
 * and who is the one node of a state folder. It outlives `serve`; killing `serve` changes nothing here.
 * Nouns: RunningNode, ConnectedNode (the same seams from another process), RouteFile, Lock.
 * It never decides a count or a weight. Read first: node.ts, then api.ts and connect.ts.
 */
export { type ConnectedNode, connectNode } from './connect.ts'
export { type NodeEdge, type NodeOptions, type RunningNode, startNode } from './node.ts'
export { NodeError, type NodeErrorCode } from './node-error.ts'
export type { NodeHealth, WorkloadView } from './wire.ts'
