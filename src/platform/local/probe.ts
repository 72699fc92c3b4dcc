import { request } from 'node:http'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Probe } from '../../config/index.ts'
import { type Health, NEW_HEALTH, nextHealth } from './health.ts'
import { rest } from './rest.ts'

/** Until an instance is ready for the first time it is asked at least this often. */
const STARTING_INTERVAL_MS = 200

/** Asks once. @returns null when the probe passed, else what it met, in words */
export function probeOnce(probe: Probe, port: number): Promise<string | null> {
  return probe.path === null ? probeTcp(probe, port) : probeHttp(probe, probe.path, port)
}

/**
 * Asks again and again until `signal` is aborted, and reports the health after each answer.
 * @param startedAt `performance.now()` at which the process was started
 */
export async function watchHealth(options: {
  readonly probe: Probe
  readonly port: number
  readonly startedAt: number
  readonly signal: AbortSignal
  /** A `look` event makes it ask at once. */
  readonly nudge: EventTarget
  readonly report: (health: Health) => void
}): Promise<void> {
  const { probe, signal } = options
  let health = NEW_HEALTH
  let awake = new AbortController()
  options.nudge.addEventListener('look', () => awake.abort(), { signal })
  while (!signal.aborted) {
    const failure = await probeOnce(probe, options.port)
    if (signal.aborted) return
    const seconds = (performance.now() - options.startedAt) / 1000
    health = nextHealth(health, failure, { seconds, deadlineSeconds: probe.deadlineSeconds })
    options.report(health)
    const interval = probe.intervalSeconds * 1000
    const pause = health.state === 'starting' ? Math.min(interval, STARTING_INTERVAL_MS) : interval
    await rest(pause, AbortSignal.any([signal, awake.signal]))
    if (awake.signal.aborted) awake = new AbortController()
  }
}

function probeHttp(probe: Probe, path: string, port: number): Promise<string | null> {
  const what = `GET ${path} on port ${port}`
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(probe.timeoutSeconds * 1000)
    const asked = request(
      // No agent: a kept connection would hide that the instance takes no new ones.
      { host: '127.0.0.1', port, path, agent: false, signal: timeout },
      (response) => {
        const status = response.statusCode ?? 0
        resolve(status >= 200 && status < 300 ? null : `${what} answered ${status}`)
        asked.destroy()
      },
    )
    asked.on('error', (error) => {
      resolve(
        timeout.aborted
          ? `${what} gave no answer within ${probe.timeoutSeconds} s`
          : `${what} failed: ${error.message || 'connection refused'}`,
      )
    })
    asked.end()
  })
}

function probeTcp(probe: Probe, port: number): Promise<string | null> {
  const what = `a connection to port ${port}`
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const answer = (failure: string | null) => {
      socket.destroy()
      resolve(failure)
    }
    socket.setTimeout(probe.timeoutSeconds * 1000, () =>
      answer(`${what} was not taken within ${probe.timeoutSeconds} s`),
    )
    socket.on('connect', () => answer(null))
    socket.on('error', (error) => answer(`${what} failed: ${error.message || 'refused'}`))
  })
}
