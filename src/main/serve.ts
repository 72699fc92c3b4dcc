import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ServeOptions } from '../cli/index.ts'
import { ConfigError, loadProject, type Project } from '../config/index.ts'
import {
  Controller,
  EnvironmentView,
  Ledger,
  newestRelease,
  Operator,
  type World,
} from '../controller/index.ts'
import { openRepository } from '../git/index.ts'
import { openEnvironmentRepo } from '../gitops/index.ts'
import { makeHome } from '../home/index.ts'
import { connectNode } from '../node/index.ts'
import { apiOf, serveApi } from '../server/index.ts'
import { openSqliteStore } from '../store/index.ts'
import { pipelineOf } from './pipeline.ts'
import { runnerOf } from './runner.ts'
import { sourceOf } from './source.ts'

/** The control plane: runs until the signal. Throws `store-in-use` where another one has this home. */
export async function serve(options: ServeOptions): Promise<void> {
  const { home, file, env, note } = options
  const written = writtenProject(file)
  if (written instanceof ConfigError && !existsSync(home.store)) throw written
  const now = steadyClock()
  makeHome(home)
  const store = openSqliteStore({ file: home.store, exclusive: true, now })
  try {
    const node = connectNode(home.nodeSocket)
    const repository = openRepository(dirname(file))
    const source = sourceOf(repository, file)
    const url = options.environmentRepo ?? home.environmentRepo
    const embedded = options.environmentRepo === null
    const repo = await openEnvironmentRepo({ url, cloneFolder: home.environmentClone, embedded })
    const world: World = {
      now,
      ledger: new Ledger(store),
      platform: node.platform,
      traffic: node.traffic,
      metrics: node.metrics,
      environments: new EnvironmentView(repo, now),
      source,
      runner: runnerOf(pipelineOf({ home, root: dirname(file), env }), source),
      note,
    }
    const project = written instanceof ConfigError ? await lastProject(world, written) : written
    const controller = new Controller(world, project)
    const operator = new Operator(world, controller)
    const api = await serveApi(apiOf({ world, controller, operator }), home.serveSocket)
    options.onReady(project.name)
    try {
      await controller.run(options.signal)
    } finally {
      await api.close()
      await node.close()
    }
  } finally {
    store.close()
  }
}

/** The project as the work tree has it, or what is wrong there. */
function writtenProject(file: string): Project | ConfigError {
  try {
    return loadProject(file)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Of the newest release: what runs is looked after, however broken the work tree's file is. Throws what is wrong with that where nothing was released. */
async function lastProject({ ledger, source, note }: World, wrong: ConfigError): Promise<Project> {
  const newest = newestRelease(ledger)
  if (newest === null) throw wrong
  note(`${wrong.message}\ngoing on with the project of release ${newest.id}`)
  return source.project(newest.commit)
}

/** Milliseconds since 1970 as of the start, going on steadily: a clock that is set meanwhile moves no deadline. */
function steadyClock(): () => number {
  return () => Math.round(performance.timeOrigin + performance.now())
}
