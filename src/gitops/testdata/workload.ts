import type { Workload } from '../workload.ts'

/** `a` … `f` → a digest. */
export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`
}

export function workload(service: string, over: Partial<Workload> = {}): Workload {
  return {
    service,
    environment: 'production',
    artifact: { digest: digest('a'), version: '1.10', commit: '123456789012' },
    replicas: 2,
    env: { LOG_LEVEL: 'info', DATABASE_URL: { env: 'SHOP_DATABASE' }, ON: 'yes' },
    needs: ['catalog'],
    ready: { path: '/healthz', intervalSeconds: 1, timeoutSeconds: 1, deadlineSeconds: 60 },
    drainSeconds: 5,
    stopSeconds: 10,
    memoryBytes: null,
    sticky: false,
    strategy: {
      kind: 'canary',
      steps: [
        { kind: 'header', name: 'x-canary', value: 'true' },
        { kind: 'weight', weight: 5 },
        { kind: 'pause', seconds: null },
        { kind: 'weight', weight: 100 },
      ],
    },
    objectives: { errorRate: 0.001, p95Ms: 250 },
    analysis: {
      judge: 'sequential',
      alpha: 0.01,
      beta: 0.05,
      risk: null,
      warmSeconds: 30,
      dwellSeconds: 0,
      maxSeconds: 1800,
      inconclusive: 'ask',
    },
    ...over,
  }
}

/** The same service in another version. */
export function version(service: string, letter: string, over: Partial<Workload> = {}): Workload {
  const artifact = { digest: digest(letter), version: letter, commit: letter.repeat(40) }
  return workload(service, { artifact, ...over })
}
