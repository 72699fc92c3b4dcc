import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { removeFolder } from '../../src/demo/remove-folder.ts'
import { SLIPWAY } from '../planes.ts'
import { run } from '../program.ts'
import type { Contestant } from './contestant.ts'
import { COMMAND, nameOf, type Size, write } from './repository.ts'

/** Like for like: one step for each folder. A project has at least one service, so one small image comes on top. */
export const slipwaySteps: Contestant = {
  ...contestant('slipway'),
  prepare(folder, size) {
    const steps = names(size).map((name) => {
      const at = `services/${name}`
      const run = COMMAND.replaceAll('dist', `${at}/dist`).replace('src/', `${at}/src/`)
      return `  ${name}: { run: "${run}", inputs: ['${at}/**'], outputs: ['${at}/dist'] }\n`
    })
    write(join(folder, 'home', 'server.mjs'), 'console.log(1)\n')
    write(
      join(folder, 'slipway.yaml'),
      `project: many\nservices:\n  home: { path: home, start: node server.mjs }\npipeline:\n${steps.join('')}environments: { dev: { from: main } }\n`,
    )
  },
}

/** As a user has it: each a service, whose step is its build, and from each an image: two steps a service. */
export const slipwayServices: Contestant = {
  ...contestant('slipway with images'),
  prepare(folder, size) {
    const services = names(size).map(
      (name) =>
        `  ${name}: { path: services/${name}, build: { run: '${COMMAND}', output: dist }, start: cat all.txt }\n`,
    )
    write(
      join(folder, 'slipway.yaml'),
      `project: many\nservices:\n${services.join('')}environments: { dev: { from: main } }\n`,
    )
  },
}

function contestant(name: string): Omit<Contestant, 'prepare'> {
  return {
    name,
    // Results are in the cache: a run works in a checkout of its own, never in the user's folder.
    result: null,
    clean(folder) {
      const home = join(folder, '.slipway')
      if (existsSync(home)) removeFolder(home)
    },
    run: (folder) => run([SLIPWAY, 'run'], { cwd: folder }),
  }
}

function names({ services }: Size): readonly string[] {
  return Array.from({ length: services }, (_, service) => nameOf(service))
}
