import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskCredentials, withoutCredentials } from './address.ts'
import { identityOf } from './identity.ts'

const ADDRESSES: readonly (readonly [string, string])[] = [
  ['https://github.com/a/b.git', 'https://github.com/a/b.git'],
  ['https://token@github.com/a/b.git', 'https://github.com/a/b.git'],
  ['https://ada:p@ss@github.com/a/b@c.git', 'https://github.com/a/b@c.git'],
  ['ssh://git:secret@host:22/a.git', 'ssh://git@host:22/a.git'],
  ['ssh://git@host/a.git', 'ssh://git@host/a.git'],
  ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
  ['/srv/repo.git', '/srv/repo.git'],
  ['https://host/path@2x', 'https://host/path@2x'],
]

for (const [url, shown] of ADDRESSES) {
  test(`${url} is shown as ${shown}`, () => assert.equal(withoutCredentials(url), shown))
}

test('credentials in the words of git are masked', () => {
  assert.equal(
    maskCredentials("fatal: unable to access 'https://ada:p@ss@host/x.git/': no"),
    "fatal: unable to access 'https://***@host/x.git/': no",
  )
})

const ACTORS: readonly (readonly [string, string, string])[] = [
  ['ada@example.com', 'ada', 'ada@example.com'],
  ['Ada Lovelace <ada@example.com>', 'Ada Lovelace', 'ada@example.com'],
  ['slipway', 'slipway', 'slipway@localhost'],
  ['', 'unknown', 'unknown@localhost'],
  ['x\n<y', 'x  y', 'x..y@localhost'],
]

for (const [actor, name, email] of ACTORS) {
  test(`a commit by ${JSON.stringify(actor)} is by ${name} <${email}>`, () => {
    assert.deepEqual(identityOf(actor), { name, email })
  })
}
