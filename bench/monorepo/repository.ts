import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../program.ts'

/** What each service's step does, for every tool. */
export const COMMAND = 'mkdir -p dist && cat src/* > dist/all.txt'

/** File that the step makes, below the service's folder. */
export const OUTPUT = 'dist/all.txt'

export type Size = { readonly services: number; readonly filesPerService: number }

/** Writes a file with its folder. */
export function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

export function nameOf(service: number): string {
  return `service-${String(service + 1).padStart(2, '0')}`
}

/**
 * A Git repository of many services, each with a folder of sources and nothing else; a tool adds
 * its own files and commits.
 */
export function generate(folder: string, { services, filesPerService }: Size): void {
  for (let service = 0; service < services; service++) {
    for (let file = 0; file < filesPerService; file++) {
      const lines = Array.from(
        { length: 10 },
        (_, line) => `export const value${line} = '${nameOf(service)}/${file}/${line}'\n`,
      )
      const name = `file-${String(file + 1).padStart(3, '0')}.ts`
      write(join(folder, 'services', nameOf(service), 'src', name), lines.join(''))
    }
  }
}

export function commitAll(folder: string): void {
  const git = (...args: string[]) =>
    run(['git', '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder,
    })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'Begin')
}
