import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_BACKOFF, restartDelayMs } from './backoff.ts'
import { describeEnding } from './ending.ts'
import { type Health, NEW_HEALTH, nextHealth } from './health.ts'

const age = { seconds: 1, deadlineSeconds: 30 }
const after = (...failures: (string | null)[]): Health =>
  failures.reduce((health, failure) => nextHealth(health, failure, age), NEW_HEALTH)

describe('health', () => {
  it('is ready at the first success', () => {
    assert.deepEqual(after('503', null), { state: 'ready', failures: 0, reason: null })
  })

  it('forgives one failure of a ready instance, not two in a row', () => {
    assert.equal(after(null, '503').state, 'ready')
    assert.equal(after(null, '503', null, '503').state, 'ready')
    assert.deepEqual(after(null, '503', '504'), { state: 'unready', failures: 2, reason: '504' })
    assert.equal(after(null, '503', '503', null).state, 'ready')
  })

  it('goes on starting however often it fails, and says when its time is over', () => {
    assert.deepEqual(after('503', '503', '503'), {
      state: 'starting',
      failures: 3,
      reason: 'not ready yet: 503',
    })
    const late = nextHealth(NEW_HEALTH, '503', { seconds: 31, deadlineSeconds: 30 })
    assert.equal(late.reason, 'not ready within 30 s: 503')
  })
})

describe('the delay before a restart', () => {
  it('doubles with each failure, from 0.2 s to 30 s', () => {
    const delays = [0, 1, 2, 7, 8, 400].map((n) => restartDelayMs(n, false, DEFAULT_BACKOFF))
    assert.deepEqual(delays, [200, 400, 800, 25_600, 30_000, 30_000])
  })

  it('is nothing for the first failure of an instance that had been ready', () => {
    assert.equal(restartDelayMs(0, true, DEFAULT_BACKOFF), 0)
    assert.equal(restartDelayMs(1, true, DEFAULT_BACKOFF), 400)
  })
})

describe('how an end is told', () => {
  const tell = (code: number | null, signal: string | null, line: string | null) =>
    describeEnding({ code, signal }, 440, line)

  it('names code, time and the last line', () => {
    assert.deepEqual(tell(1, null, 'no database'), {
      kind: 'exited',
      message: 'exited with code 1 after 0.4 s: no database',
    })
  })

  it('says when somebody killed it, through a shell too', () => {
    const killed = { kind: 'replaced', message: 'killed by SIGKILL after 0.4 s' }
    assert.deepEqual(tell(null, 'SIGKILL', null), killed)
    assert.deepEqual(tell(137, null, null), killed)
  })

  it('does not guess the code of an adopted process', () => {
    assert.equal(tell(null, null, null).message, 'ended after 0.4 s')
  })
})
