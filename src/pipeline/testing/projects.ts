import type { PipelineStep, Project, Service } from '../../config/index.ts'

type ServiceFields = Omit<Partial<Service>, 'build' | 'test'> & {
  readonly build?: Partial<Service['build']>
  readonly test?: Partial<NonNullable<Service['test']>> | null
}

/** A service as config would give it, with what the test says otherwise. */
export function service(name: string, fields: ServiceFields = {}): Service {
  const { build, test, ...rest } = fields
  return {
    name,
    path: `services/${name}`,
    needs: {},
    inputs: [],
    install: null,
    build: {
      builder: 'layers',
      run: null,
      output: ['dist'],
      dependencies: [],
      env: {},
      timeoutSeconds: 60,
      ...build,
    },
    start: 'node dist/server.js',
    ready: { path: '/', intervalSeconds: 1, timeoutSeconds: 1, deadlineSeconds: 10 },
    drainSeconds: 1,
    stopSeconds: 1,
    memoryBytes: null,
    sticky: false,
    replicas: 1,
    port: null,
    env: {},
    api: null,
    objectives: { errorRate: null, p95Ms: null },
    ...rest,
    test: test
      ? { run: 'true', env: {}, services: {}, timeoutSeconds: 60, retries: 0, ...test }
      : null,
  }
}

/** A step that a user added, with what the test says otherwise. */
export function userStep(name: string, fields: Partial<PipelineStep> = {}): PipelineStep {
  return {
    name,
    run: 'true',
    services: [],
    needs: [],
    before: [],
    inputs: [],
    outputs: [],
    env: {},
    timeoutSeconds: 60,
    retries: 0,
    sidecars: {},
    matrix: {},
    cache: true,
    ...fields,
  }
}

export type ProjectFields = {
  readonly services?: readonly Service[]
  readonly steps?: readonly PipelineStep[]
  readonly shared?: readonly string[]
  /** Steps with which staging verifies. */
  readonly verify?: readonly string[]
  readonly root?: string
}

export function project(fields: ProjectFields): Project {
  const { services = [], steps = [], shared = [], verify = [], root = '/project' } = fields
  return {
    name: 'sample',
    file: `${root}/slipway.yaml`,
    root,
    services: Object.fromEntries(services.map((each) => [each.name, each])),
    pipeline: Object.fromEntries(steps.map((each) => [each.name, each])),
    shared,
    environments: {
      staging: {
        name: 'staging',
        from: { kind: 'branch', branch: 'main' },
        strategy: { kind: 'recreate' },
        replicas: null,
        env: {},
        approve: [],
        soakSeconds: 0,
        verify,
        services: {},
        analysis: {
          judge: 'sequential',
          alpha: 0.01,
          beta: 0.05,
          risk: null,
          warmSeconds: 0,
          dwellSeconds: 0,
          maxSeconds: 60,
          inconclusive: 'ask',
        },
      },
    },
    roles: {},
  }
}
