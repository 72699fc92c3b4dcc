import { SlipwayError } from '../errors/index.ts'

/** Each is explained in docs/errors/artifact.md. */
export type ArtifactErrorCode =
  | 'artifact-corrupted'
  | 'artifact-invalid'
  | 'artifact-missing'
  | 'artifact-unsafe'
  | 'disk-full'
  | 'layout-invalid'
  | 'link-outside'
  | 'lockfile-invalid'
  | 'output-changed'
  | 'output-missing'
  | 'output-outside'
  | 'output-unsupported'
  | 'tag-invalid'
  | 'tag-latest'

export class ArtifactError extends SlipwayError<ArtifactErrorCode> {}

/** Something that the user wrote or built, and can mend there. */
export function inputError(code: ArtifactErrorCode, message: string): ArtifactError {
  return new ArtifactError({ code, fault: 'input', message })
}

/** Something wrong with what is kept; `cause` where there is one. */
export function keptError(
  code: ArtifactErrorCode,
  message: string,
  cause?: unknown,
): ArtifactError {
  return new ArtifactError({ code, fault: 'outside', message, cause })
}

/** Runs `action`; a full disk below `folder` becomes `disk-full`. */
export async function onDisk<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) throw error
    throw new ArtifactError({
      code: 'disk-full',
      fault: 'outside',
      retry: 'later',
      message: `the disk that holds ${folder} is full: free some space and build again; nothing half written is kept`,
      cause: error,
    })
  }
}

export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
