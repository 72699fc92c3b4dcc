/** What the well-known package managers read: nothing else can change what they fetch. */
const MANIFESTS = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  '.yarnrc.yml',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'bun.lock',
  '.npmrc',
  'patches/**',
  'vendor/**',
  'requirements*.txt',
  'constraints*.txt',
  'pyproject.toml',
  'poetry.lock',
  'uv.lock',
  'go.mod',
  'go.sum',
  'Gemfile',
  'Gemfile.lock',
  'Cargo.toml',
  'Cargo.lock',
  'composer.json',
  'composer.lock',
]

const FETCHES =
  /^(npm (ci|install|i)|yarn( install)?|pnpm (install|i)|bun install|pip3? install|uv sync|poetry install|go mod download|bundle install|cargo fetch|composer install)( --?[\w=./-]+| [\w.-]+\.txt)*$/

/**
 * Globs relative to the service's path that its install command reads. A plain call of a known
 * package manager reads its manifests and lock files, so that a change of a source file does not
 * fetch everything again; any other command may read all.
 */
export function installInputs(command: string): readonly string[] {
  return FETCHES.test(command.trim()) ? MANIFESTS : ['**']
}
