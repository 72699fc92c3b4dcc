import type { ServerResponse } from 'node:http'

/** Why the edge itself answers, as `x-slipway-error` tells programs. */
export type EdgeFault =
  | 'bad-request'
  | 'no-route'
  | 'no-split'
  | 'no-ready-instance'
  | 'no-preview'
  | 'instance-failed'
  | 'instance-timed-out'

const STATUS: Readonly<Record<EdgeFault, number>> = {
  'bad-request': 400,
  'no-route': 404,
  'no-split': 503,
  'no-ready-instance': 503,
  'no-preview': 404,
  'instance-failed': 502,
  'instance-timed-out': 504,
}
const RETRY_AFTER_SECONDS = '1'

/** Answers in the edge's own name, one plain sentence. Returns the status. */
export function answerFault(res: ServerResponse, fault: EdgeFault, sentence: string): number {
  const status = STATUS[fault]
  const body = `${sentence}\n`
  const headers = [
    'content-type',
    'text/plain; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
    'x-slipway-error',
    fault,
  ]
  if (status === 503) headers.push('retry-after', RETRY_AFTER_SECONDS)
  res.writeHead(status, headers)
  res.end(body)
  return status
}
