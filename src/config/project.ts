/**
 * What `slipway.yaml` means once it is parsed: every default filled in, every duration in seconds,
 * every size in bytes. Paths of services are relative to `root`, with `/`.
 */
export type Project = {
  readonly name: string
  /** Absolute path of the file. */
  readonly file: string
  /** Absolute path of the folder that holds it. */
  readonly root: string
  /** In the order of the file. */
  readonly services: Readonly<Record<string, Service>>
  /** Steps that the user added; build and test of each service are there by themselves. */
  readonly pipeline: Readonly<Record<string, PipelineStep>>
  /** Globs relative to root: a change there affects every service. */
  readonly shared: readonly string[]
  readonly environments: Readonly<Record<string, Environment>>
  /** Role → the people in it, as `git config user.email` or a login name gives them. */
  readonly roles: Readonly<Record<string, readonly string[]>>
}

export type Service = {
  readonly name: string
  readonly path: string
  /** Service → semver range that its version must satisfy (`*`: any). Its address is given in the environment. */
  readonly needs: Readonly<Record<string, string>>
  /** Globs relative to root, outside its own path, that it is made of too. */
  readonly inputs: readonly string[]
  /** Fetches what the build needs (`npm ci`); null: nothing to fetch. Run in `path`. */
  readonly install: string | null
  readonly test: TestStep | null
  readonly build: Build
  /** Run in the unpacked artifact, with PORT in its environment. */
  readonly start: string
  /**
   * Port that it listens on by custom; null: none told. An instance always gets its own in PORT;
   * this one is for what gives each instance an address of its own (an image's exposed port).
   */
  readonly port: number | null
  readonly ready: Probe
  /** How long an instance may go on answering after traffic has left it. */
  readonly drainSeconds: number
  /** How long after SIGTERM until SIGKILL. */
  readonly stopSeconds: number
  /** Resident memory of an instance's process group; null: no limit. */
  readonly memoryBytes: number | null
  readonly replicas: number
  /** During a rollout a client keeps the version that it met first, by a cookie. */
  readonly sticky: boolean
  readonly env: Environ
  /** Path of its OpenAPI file relative to its path; null: none. A change of it affects who needs it. */
  readonly api: string | null
  readonly objectives: Objectives
}

export type TestStep = {
  readonly run: string
  readonly env: Environ
  readonly services: Readonly<Record<string, Sidecar>>
  readonly timeoutSeconds: number
  readonly retries: number
}

export type Build = {
  readonly builder: 'layers'
  /** Null: the sources are what runs. */
  readonly run: string | null
  /** Paths relative to the service's path that go into the artifact. */
  readonly output: readonly string[]
  /** Runtime dependencies, a layer of their own; of `node_modules` only what is not for development. */
  readonly dependencies: readonly string[]
  readonly env: Environ
  readonly timeoutSeconds: number
}

export type Probe = {
  /** HTTP path that answers 2xx when the instance can take traffic; null: a TCP connection is enough. */
  readonly path: string | null
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  /** How long an instance may take until it is ready for the first time. */
  readonly deadlineSeconds: number
}

/** A value, or where to read a secret when it is needed. The secret itself is never stored. */
export type EnvValue = string | { readonly env: string } | { readonly file: string }
export type Environ = Readonly<Record<string, EnvValue>>

/** A program that must be there while a step runs (a database); its PORT is chosen by Slipway. */
export type Sidecar = {
  readonly run: string
  readonly env: Environ
  readonly ready: Probe
  /** Name of the variable in which the step gets its address, `127.0.0.1:PORT`. */
  readonly address: string
}

export type Objectives = {
  /** Highest share of failed requests, 0..1; null: none set. */
  readonly errorRate: number | null
  /** Highest 95th percentile of latency in milliseconds; null: none set. */
  readonly p95Ms: number | null
}

export type PipelineStep = {
  readonly name: string
  readonly run: string
  /** Run once for each of these services, in its path; empty: once, in root. */
  readonly services: readonly string[]
  /** Steps that must have passed. `build`, `test`, `install` stand for every service's. */
  readonly needs: readonly string[]
  /** Steps that wait for this one. */
  readonly before: readonly string[]
  /** Globs relative to where it runs; empty: all that git tracks there. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly env: Environ
  readonly timeoutSeconds: number
  readonly retries: number
  readonly sidecars: Readonly<Record<string, Sidecar>>
  /** Variable → its values; one step for each combination. */
  readonly matrix: Readonly<Record<string, readonly string[]>>
  readonly cache: boolean
}

export type Environment = {
  readonly name: string
  /** A branch whose commits come here, or the environment that a release must have passed. */
  readonly from: Source
  readonly strategy: Strategy
  /** Replicas where the environment says otherwise than the service. */
  readonly replicas: number | null
  readonly env: Environ
  /** One approval by each of these roles. */
  readonly approve: readonly string[]
  /** How long a release must have been healthy in the environment before, in seconds. */
  readonly soakSeconds: number
  /** Pipeline steps run against the environment once it is healthy; a release leaves it only if they pass. */
  readonly verify: readonly string[]
  readonly services: Readonly<Record<string, ServiceOverride>>
  readonly analysis: AnalysisSettings
}

export type Source =
  | { readonly kind: 'branch'; readonly branch: string }
  | { readonly kind: 'environment'; readonly environment: string }

export type ServiceOverride = {
  readonly replicas: number | null
  readonly env: Environ
  readonly strategy: Strategy | null
}

export type AnalysisSettings = {
  /** Evidence (see docs/judge.md), or the service's objectives as fixed limits. */
  readonly judge: 'sequential' | 'threshold'
  /** Accepted chance that a healthy canary is ever rolled back. */
  readonly alpha: number
  /** Accepted chance that a canary beyond its margin is promoted. */
  readonly beta: number
  /** Largest excess error rate that the whole service may be exposed to, 0..1; null: planned from traffic. */
  readonly risk: number | null
  /** Age of an instance from which its latency counts. */
  readonly warmSeconds: number
  /** Least time at a weight. */
  readonly dwellSeconds: number
  /** When a step without a verdict is inconclusive. */
  readonly maxSeconds: number
  readonly inconclusive: 'ask' | 'promote' | 'rollback'
}

export type Strategy =
  | { readonly kind: 'recreate' }
  /** Counts of instances, or shares of the replicas as `25%`. */
  | {
      readonly kind: 'rolling'
      readonly maxSurge: number | string
      readonly maxUnavailable: number | string
    }
  | { readonly kind: 'blue-green'; readonly holdSeconds: number }
  | { readonly kind: 'canary'; readonly steps: readonly CanaryStep[] }
  | { readonly kind: 'shadow'; readonly percent: number; readonly seconds: number }

export type CanaryStep =
  /** Percent of requests, to 0.1; judged before the next. The last step is always weight 100. */
  | { readonly kind: 'weight'; readonly weight: number }
  /** Only requests with this header go to the canary. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  /** Seconds to wait, or null: until a person resumes. */
  | { readonly kind: 'pause'; readonly seconds: number | null }
