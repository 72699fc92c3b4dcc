import { parse } from 'semver'
import { inputError } from './artifact-error.ts'

/**
 * The names of a service's artifact: `SERVICE:FULLSHA`, `SERVICE:BRANCH-SHA12`, and for a `v*` tag
 * that is SemVer `SERVICE:1.2.3`. What a tag may not hold becomes `-` in a branch, `_` for the `+`
 * of a version (as Helm does). A `v*` tag that is not SemVer names nothing.
 */
export function tagsFor(names: {
  readonly service: string
  /** Full SHA. */
  readonly commit: string
  /** Null: built from no branch. */
  readonly branch: string | null
  /** The commit's `v*` tag with its `v`; null: there is none. */
  readonly versionTag: string | null
}): string[] {
  const { service, commit, branch } = names
  const version = names.versionTag === null ? null : versionOf(names.versionTag)
  return [
    `${service}:${commit}`,
    ...(branch === null ? [] : [`${service}:${slug(branch)}-${commit.slice(0, 12)}`]),
    ...(version === null ? [] : [`${service}:${version}`]),
  ]
}

// The grammar of org.opencontainers.image.ref.name, narrowed to names with one tag at the end:
// https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
const tagPattern = /^[a-z0-9]+(?:[._/-][a-z0-9]+)*(?::\w[\w.-]{0,127})?$/i

/** @throws ArtifactError `tag-latest`, `tag-invalid` */
export function requireTag(tag: string): void {
  if (/(^|:)latest$/i.test(tag)) {
    throw inputError(
      'tag-latest',
      `${tag}: an artifact is never tagged latest, because what that names changes under whoever runs it; use the commit or a version`,
    )
  }
  if (tagPattern.test(tag)) return
  throw inputError(
    'tag-invalid',
    `${JSON.stringify(tag)} cannot be a tag: write NAME:TAG with letters, digits, dots, dashes and underscores, as in catalog:1.4.0`,
  )
}

function versionOf(versionTag: string): string | null {
  const version = versionTag.startsWith('v') ? parse(versionTag.slice(1)) : null
  if (version === null) return null
  const build = version.build.length === 0 ? '' : `_${version.build.join('.')}`
  return `${version.version}${build}`
}

/** A tag has 128 characters at most; 13 of them are the dash and the commit. */
function slug(branch: string): string {
  const plain = branch.replace(/[^\w.]+/g, '-').replace(/^[-.]+|-+$/g, '')
  return (plain === '' ? 'branch' : plain).slice(0, 115)
}
