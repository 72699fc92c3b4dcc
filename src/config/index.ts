/**
 * config: `slipway.yaml` → typed Project.
 * Decides what a key means, its default, and whether a file is right. Nouns: Project, Service,
 * Environment, Strategy. It never reads anything but the file and never runs anything.
 * Read first: project.ts (what the rest of Slipway sees), then schema.ts (what a user may write).
 */
export type {
  AnalysisSettings,
  Build,
  CanaryStep,
  Environ,
  Environment,
  EnvValue,
  Objectives,
  PipelineStep,
  Probe,
  Project,
  Service,
  ServiceOverride,
  Sidecar,
  Source,
  Strategy,
  TestStep,
} from './project.ts'
