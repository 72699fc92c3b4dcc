import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { addressVariable, masked, resolveEnviron, secretsOf } from './environment.ts'
import { shellCommand } from './launch.ts'
import { temporaryFolder } from './testdata/fixture.ts'

describe('the environment of an instance', () => {
  it('reads secrets from variables and files', async () => {
    const folder = await temporaryFolder()
    const file = join(folder.path, 'token')
    await writeFile(file, 'from a file\n')
    const environ = { PLAIN: 'as it is', TOKEN: { file }, PASSWORD: { env: 'DB_PASSWORD' } }
    const values = await resolveEnviron(environ, { DB_PASSWORD: 'from the node' })
    await folder.remove()
    assert.deepEqual(values, {
      PLAIN: 'as it is',
      TOKEN: 'from a file',
      PASSWORD: 'from the node',
    })
    assert.deepEqual(secretsOf(environ, values), ['from a file', 'from the node'])
  })

  it('names the secret that is not there', async () => {
    await assert.rejects(resolveEnviron({ A: { env: 'NOT_SET' } }, {}), {
      code: 'secret-missing',
      message: /A is to come from the variable NOT_SET/,
    })
    await assert.rejects(resolveEnviron({ A: { file: '/does/not/exist' } }, {}), {
      code: 'secret-missing',
      message: /A is to come from the file \/does\/not\/exist/,
    })
  })

  it('hides a secret that holds another one as a whole', () => {
    assert.equal(masked('is abc, not ab', ['ab', 'abc']), 'is ***, not ***')
  })

  it('names the address of a service', () => {
    assert.equal(addressVariable('user-accounts'), 'USER_ACCOUNTS_URL')
  })
})

describe('the command of an instance', () => {
  it('takes the place of the shell when it is a plain one', () => {
    assert.equal(
      shellCommand(' node dist/server.js --port=1 '),
      'exec node dist/server.js --port=1',
    )
  })

  it('is left alone when only a shell can make sense of it', () => {
    for (const start of [
      'cd x && node y',
      'A=1 node y',
      'node "a b"',
      'exit 3',
      '. ./go',
      'a | b',
    ]) {
      assert.equal(shellCommand(start), start)
    }
  })
})
