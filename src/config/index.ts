/**
 * config: `slipway.yaml` → typed Project.
 * Decides what a key means, its default, and whether a file is right. Nouns: Project, Service,
 * Environment, Strategy, Problem (one mistake, with its place). It never runs anything; only load.ts
 * and detect/listing.ts read the disk.
 * Read first: project.ts (what the rest of Slipway sees), then schema.ts (what a user may write),
 * then parse.ts (text → Project). detect/ guesses a first file from what a repository holds.
 */
export { asConfigError, ConfigError, type ConfigErrorCode } from './config-error.ts'
export type { Tree } from './detect/candidate.ts'
export { detectServices, type Found, type FoundService } from './detect/detect.ts'
export { type FirstFile, firstFile } from './detect/first-file.ts'
export { listing } from './detect/listing.ts'
export { type EffectiveValue, type Explanation, explain } from './explain.ts'
export {
  checkProject,
  findProjectFile,
  loadProject,
  PROJECT_FILE,
  readProjectFile,
} from './load.ts'
export { type Parsed, parseProject } from './parse.ts'
export { formatProblem, type Problem } from './problem.ts'
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
export { jsonSchema, type Shape } from './schema.ts'
export { type WrittenProject, writeProject, writtenProject } from './written.ts'
