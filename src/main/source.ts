import {
  ConfigError,
  formatProblem,
  loadProject,
  PROJECT_FILE,
  type Problem,
  type Project,
  parseProject,
} from '../config/index.ts'
import type { Source } from '../controller/index.ts'
import type { Repository } from '../git/index.ts'

/** The repository that the project lives in, as the control plane sees it. */
export function sourceOf(repository: Repository, file: string): Source {
  const projects = new Map<string, Project>()
  return {
    head: (branch) => repository.resolve(`refs/heads/${branch}`),
    subject: async (commit) => (await repository.commit(commit)).subject,
    async project(commit) {
      if (commit === null) return loadProject(file)
      const known = projects.get(commit)
      if (known) return known
      const path = `${await repository.prefix()}${PROJECT_FILE}`
      const text = await repository.readFile(commit, path)
      if (text === null) throw missing(path, commit)
      const parsed = parseProject(text.toString('utf8'), file)
      if ('problems' in parsed) throw broken(commit, parsed.problems)
      projects.set(commit, parsed.project)
      return parsed.project
    },
  }
}

function missing(path: string, commit: string): ConfigError {
  const message = `${path} is not in commit ${commit.slice(0, 12)}: commit it`
  return new ConfigError({ code: 'project-file-missing', fault: 'input', message })
}

function broken(commit: string, problems: readonly Problem[]): ConfigError {
  const lines = problems.map(formatProblem)
  const message = [`commit ${commit.slice(0, 12)} is not right:`, ...lines].join('\n')
  return new ConfigError({ code: 'project-file-wrong', fault: 'input', message }, problems)
}
