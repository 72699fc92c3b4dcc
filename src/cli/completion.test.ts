import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
const without = (shell: string) => (has(shell) ? false : `${shell} is not installed`)

function script(shell: string): string {
  return execFileSync(process.execPath, [MAIN, 'completion', shell], { encoding: 'utf8' })
}

test('bash completes verbs, options, and files after an option that takes one', {
  skip: without('bash'),
}, () => {
  const bash = (commands: string) =>
    execFileSync('bash', ['--norc', '--noprofile', '-c', `eval "$SCRIPT"\n${commands}`], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      env: { ...process.env, SCRIPT: script('bash') },
    }).trim()
  const completed = (...words: readonly string[]) =>
    bash(
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
       COMP_CWORD=${words.length - 1}
       _slipway
       printf '%s\\n' "\${COMPREPLY[@]}"`,
    ).split('\n')
  assert.equal(bash('complete -p slipway'), 'complete -F _slipway slipway')
  assert.deepEqual(completed('slipway', 'pro'), ['promote'])
  assert.ok(completed('slipway', '').includes('status'))
  assert.deepEqual(completed('slipway', 'run', '--d'), ['--dirty'])
  assert.deepEqual(completed('slipway', 'status', '--wa'), ['--watch'])
  assert.deepEqual(completed('slipway', 'judge', '--ticks', 'completion.'), [
    'completion.test.ts',
    'completion.ts',
  ])
  assert.deepEqual(completed('slipway', 'run', '--jobs', ''), [''])
  assert.deepEqual(completed('slipway', 'help', 'promo'), ['promote'])
})

test('zsh takes the script', { skip: without('zsh') }, () => {
  execFileSync('zsh', ['-f', '-n', '-c', script('zsh')])
})

test('fish takes the script', { skip: without('fish') }, () => {
  execFileSync('fish', ['--no-execute', '-c', script('fish')])
})

test('each shell gets every verb with its options, another shell an error', () => {
  assert.match(script('zsh'), /'promote:send a release on to an environment'/)
  assert.match(script('zsh'), /'--state\[where Slipway keeps .*\]:path:_files'/)
  assert.match(script('fish'), /-a promote -d 'send a release on to an environment'/)
  assert.match(script('fish'), /'__fish_seen_subcommand_from judge' -l ticks .* -r -F$/m)
  const other = spawnSync(process.execPath, [MAIN, 'completion', 'tcsh'], { encoding: 'utf8' })
  assert.equal(other.status, 2)
  assert.match(other.stderr, /no completion for tcsh: there is one for bash, zsh, fish/)
})
