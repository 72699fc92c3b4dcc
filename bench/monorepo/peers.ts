import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../program.ts'

const FOLDER = join(import.meta.dirname, '..', '.cache', 'peers')
const PEERS = ['turbo@2', 'gitlab-ci-local@4']

/**
 * Path of a peer that npm brings, fetched below bench/.cache on first use; null: it could not be
 * fetched, and `note` was told why.
 */
export function npmPeer(
  name: 'turbo' | 'gitlab-ci-local',
  note: (text: string) => void,
): string | null {
  const file = join(FOLDER, 'node_modules', '.bin', name)
  if (existsSync(file)) return file
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n')
  note(`fetching ${PEERS.join(' and ')} (once) …`)
  try {
    run([
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--prefix',
      FOLDER,
      ...PEERS,
    ])
  } catch (error) {
    note(error instanceof Error ? error.message : String(error))
  }
  return existsSync(file) ? file : null
}
