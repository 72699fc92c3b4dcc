import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../program.ts'
import type { Contestant } from './contestant.ts'
import { COMMAND, nameOf, OUTPUT, type Size, write } from './repository.ts'

/** Turborepo with npm workspaces and its local cache. */
export function turbo(program: string): Contestant {
  return {
    name: 'turbo',
    result: `services/${nameOf(0)}/${OUTPUT}`,
    prepare(folder, { services }: Size) {
      const names = Array.from({ length: services }, (_, service) => nameOf(service))
      for (const name of names) {
        const manifest = { name, version: '1.0.0', private: true, scripts: { build: COMMAND } }
        writeJson(join(folder, 'services', name, 'package.json'), manifest)
      }
      writeJson(join(folder, 'package.json'), {
        name: 'many',
        private: true,
        packageManager: 'npm@11.0.0',
        workspaces: ['services/*'],
      })
      writeJson(join(folder, 'package-lock.json'), lockfile(names))
      writeJson(join(folder, 'turbo.json'), { tasks: { build: { outputs: ['dist/**'] } } })
      write(join(folder, '.gitignore'), 'node_modules\n.turbo\ndist\n')
    },
    clean(folder) {
      for (const left of ['.turbo', 'node_modules'])
        rmSync(join(folder, left), { recursive: true, force: true })
    },
    run: (folder) =>
      run([program, 'run', 'build'], {
        cwd: folder,
        env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' },
      }),
  }
}

function lockfile(names: readonly string[]): object {
  const packages = names.flatMap((name) => [
    [`node_modules/${name}`, { resolved: `services/${name}`, link: true }],
    [`services/${name}`, { version: '1.0.0' }],
  ])
  const root = { name: 'many', workspaces: ['services/*'] }
  return {
    name: 'many',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(packages) },
  }
}

function writeJson(file: string, value: object): void {
  write(file, `${JSON.stringify(value, null, 2)}\n`)
}
