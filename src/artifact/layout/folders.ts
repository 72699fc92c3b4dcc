import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSystemError, keptError } from '../artifact-error.ts'
import { temporaryName } from './durable.ts'

/** Where things lie below the layout's folder; all on one file system, so that a rename is whole. */
export type LayoutFolders = {
  readonly root: string
  readonly blobs: string
  readonly temporary: string
  readonly unpacked: string
  readonly index: string
  readonly lock: string
}

const layoutVersion = '{"imageLayoutVersion":"1.0.0"}'

/** Makes what is not there yet. @throws ArtifactError `layout-invalid` for a folder of another version */
export function makeFolders(folder: string): LayoutFolders {
  const root = resolve(folder)
  const folders = {
    root,
    blobs: join(root, 'blobs', 'sha256'),
    temporary: join(root, 'tmp'),
    unpacked: join(root, 'unpacked'),
    index: join(root, 'index.json'),
    lock: join(root, 'index.lock'),
  }
  for (const each of [folders.blobs, folders.temporary, folders.unpacked]) {
    mkdirSync(each, { recursive: true })
  }
  requireVersion(join(root, 'oci-layout'), join(folders.temporary, temporaryName()))
  return folders
}

function requireVersion(file: string, temporary: string): void {
  const found = versionOf(file)
  if (found === null) {
    writeFileSync(temporary, layoutVersion)
    renameSync(temporary, file)
  } else if (!found.includes('"1.0.0"')) {
    throw keptError(
      'layout-invalid',
      `${file} says ${found.slice(0, 60)}, Slipway writes OCI layouts of version 1.0.0: name another folder`,
    )
  }
}

function versionOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}
