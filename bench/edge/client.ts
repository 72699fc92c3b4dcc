/**
 * A load client in a process of its own; prints a ClientResult as JSON.
 *   node client.ts open PORT RATE SECONDS     requests leave when they are due, whatever the answers
 *   node client.ts closed PORT CONNECTIONS SECONDS     each connection asks again when it was answered
 * Every second request of an open load is a POST with a body, which nobody may repeat.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../quantile.ts'
import type { ClientResult } from './client-result.ts'
import { Connection } from './connection.ts'
import { HOST } from './workload.ts'

const GET = `GET / HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`
const POST = `POST / HTTP/1.1\r\nhost: ${HOST}\r\ncontent-length: 100\r\n\r\n${'y'.repeat(100)}`
const TIMEOUT_MS = 5_000

const [kind, port, amount, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
  number,
]
const latencies: number[] = []
const lateness: number[] = []
const failures: Record<string, number> = {}
let sent = 0
let inFlight = 0
const started = performance.now()
const endsAt = started + seconds * 1000

if (kind === 'open') await open()
else await closed()
print()
process.exit()

async function open(): Promise<void> {
  // The one that was idle longest is used next, so that none gets old enough to be closed.
  const idle = new Set<Connection>()
  const take = () => {
    const [kept] = idle
    if (kept === undefined) return new Connection(port, (connection) => idle.delete(connection))
    idle.delete(kept)
    return kept
  }
  for (let now = performance.now(); now < endsAt; now = performance.now()) {
    for (let due = dueOf(sent); due <= now; due = dueOf(sent)) {
      lateness.push(now - due)
      const connection = take()
      ask(connection, sent % 2 === 0 ? GET : POST, () => connection.isOpen && idle.add(connection))
    }
    await sleep(1)
  }
  await landed()
}

function dueOf(index: number): number {
  return started + (index * 1000) / amount
}

async function closed(): Promise<void> {
  const again = (connection: Connection) => {
    if (performance.now() >= endsAt) return
    const next = connection.isOpen ? connection : new Connection(port, () => undefined)
    ask(next, GET, () => again(next))
  }
  for (let i = 0; i < amount; i++) again(new Connection(port, () => undefined))
  await sleep(seconds * 1000)
  await landed()
}

/** The clock runs from when it is sent: the open loop never waits for an answer before it sends. */
function ask(connection: Connection, request: string, then: () => void): void {
  sent += 1
  inFlight += 1
  const at = performance.now()
  connection.send(request, (failure) => {
    inFlight -= 1
    if (failure === null) latencies.push(performance.now() - at)
    else failures[failure] = (failures[failure] ?? 0) + 1
    then()
  })
}

async function landed(): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  while (inFlight > 0 && performance.now() < deadline) await sleep(5)
  if (inFlight > 0) failures['no answer in time'] = inFlight
}

function print(): void {
  const result: ClientResult = {
    sent,
    answered: latencies.length,
    failed: sent - latencies.length,
    failures,
    perSecond: latencies.length / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    lateP99: lateness.length === 0 ? 0 : quantile(lateness, 0.99),
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
