import { open } from 'node:fs/promises'
import { inputError } from '../artifact-error.ts'
import { workingFolder } from '../image.ts'
import { blockBytes, padding, tarHeader } from './tar-header.ts'
import type { Entry } from './tree.ts'

const chunkBytes = 1 << 18

/**
 * The layer's bytes, read as they are asked for: owner 0, one time for all, modes 755 and 644 by
 * the executable bit alone. Nothing else of the machine is in it.
 * @param mtime seconds since 1970
 * @throws ArtifactError `output-changed` when a file is not as long as it was
 */
export async function* tarball(
  entries: readonly Entry[],
  mtime: number,
): AsyncGenerator<Uint8Array> {
  const folder = { type: 'folder', mode: 0o755, sizeBytes: 0, mtime, target: '' } as const
  yield tarHeader({ ...folder, path: `${workingFolder}/` })
  for (const entry of entries) {
    const path = `${workingFolder}/${entry.path}`
    if (entry.kind === 'folder') yield tarHeader({ ...folder, path: `${path}/` })
    else if (entry.kind === 'link') {
      const { target } = entry
      yield tarHeader({ path, type: 'link', mode: 0o777, sizeBytes: 0, mtime, target })
    } else {
      const { sizeBytes, isExecutable } = entry
      const mode = isExecutable ? 0o755 : 0o644
      yield tarHeader({ path, type: 'file', mode, sizeBytes, mtime, target: '' })
      yield* contents(entry)
      yield padding(sizeBytes)
    }
  }
  yield Buffer.alloc(2 * blockBytes)
}

async function* contents(file: {
  readonly absolute: string
  readonly sizeBytes: number
}): AsyncGenerator<Uint8Array> {
  const handle = await open(file.absolute)
  try {
    let left = file.sizeBytes
    while (left > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left))
      const { bytesRead } = await handle.read(chunk)
      if (bytesRead === 0) break
      left -= bytesRead
      yield chunk.subarray(0, bytesRead)
    }
    if (left > 0 || (await handle.stat()).size !== file.sizeBytes) {
      throw inputError(
        'output-changed',
        `${file.absolute} changed while it was read: let the build end before its output is packed`,
      )
    }
  } finally {
    await handle.close()
  }
}
