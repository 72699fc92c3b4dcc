import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../program.ts'
import type { Contestant } from './contestant.ts'
import { COMMAND, nameOf, OUTPUT, type Size, write } from './repository.ts'

/** GitLab's pipelines run on one machine: a job for each service, by its shell executor. It has no cache of results. */
export function gitlabCiLocal(program: string): Contestant {
  return {
    name: 'gitlab-ci-local',
    result: `services/${nameOf(0)}/${OUTPUT}`,
    prepare(folder, { services }: Size) {
      const jobs = Array.from({ length: services }, (_, service) => {
        const name = nameOf(service)
        const paths = `services/${name}/dist`
        return `${name}:\n  script:\n    - cd services/${name}\n    - ${COMMAND}\n  artifacts: { paths: [${paths}] }\n`
      })
      write(join(folder, '.gitlab-ci.yml'), jobs.join(''))
      write(join(folder, '.gitignore'), '.gitlab-ci-local\ndist\n')
    },
    clean(folder) {
      rmSync(join(folder, '.gitlab-ci-local'), { recursive: true, force: true })
    },
    run: (folder) => run([program], { cwd: folder }),
  }
}
