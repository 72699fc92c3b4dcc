import type { Environment } from '../config/index.ts'
import { diff, render, type WorkloadDiff } from '../gitops/index.ts'
import { type Gate, gatesOf, type Passage, type Release } from '../release/index.ts'
import type { RolloutCommand } from '../rollout/index.ts'
import type { Controller } from './controller.ts'
import { ControllerError, type ControllerErrorCode } from './controller-error.ts'
import { gateFacts, promote, upNext } from './promotions.ts'
import type { RolloutRecord, Versioned } from './records.ts'
import { revertNewest } from './revert.ts'
import { isServed } from './served.ts'
import type { World } from './world.ts'

/** What people may ask of the control plane. Every change has an actor and an event. */
export class Operator {
  readonly #world: World
  readonly #controller: Controller

  constructor(world: World, controller: Controller) {
    this.#world = world
    this.#controller = controller
  }

  /** Sends a release on to an environment; its gates must be open. Without a release: the next one. */
  async promote(asked: {
    environment: string
    release: string | null
    actor: string
  }): Promise<Passage> {
    const environment = this.#environment(asked.environment)
    const release = asked.release
      ? this.#release(asked.release)
      : upNext(this.#world, environment)?.release
    if (!release) throw refusal('no-release', `no release is ready for ${environment.name}`)
    const closed = gatesOf(environment, release, gateFacts(this.#world)).filter(
      (gate) => gate.status !== 'open',
    )
    if (closed.length > 0) throw gateClosed(environment, release, closed)
    const reason = `promoted by ${asked.actor}`
    return promote(this.#world, {
      environment: environment.name,
      release,
      actor: asked.actor,
      reason,
    })
  }

  /** Puts a release straight into an environment, an older one too; only holds and approvals still bind. */
  async deploy(asked: {
    environment: string
    release: string
    actor: string
    reason: string
  }): Promise<Passage> {
    const environment = this.#environment(asked.environment)
    const release = this.#release(asked.release)
    const binding = gatesOf(environment, release, gateFacts(this.#world)).filter(
      (gate) => (gate.kind === 'held' || gate.kind === 'approval') && gate.status !== 'open',
    )
    if (binding.length > 0) throw gateClosed(environment, release, binding)
    return promote(this.#world, {
      environment: environment.name,
      release,
      actor: asked.actor,
      reason: asked.reason,
    })
  }

  /** Approves a release for an environment, for every asked role that the actor has. */
  approve(asked: {
    environment: string
    release: string | null
    actor: string
  }): readonly string[] {
    const environment = this.#environment(asked.environment)
    const release = asked.release
      ? this.#release(asked.release)
      : upNext(this.#world, environment)?.release
    if (!release) throw refusal('no-release', `no release waits for ${environment.name}`)
    const { roles } = this.#controller.project
    const held = environment.approve.filter((role) => roles[role]?.includes(asked.actor))
    if (held.length === 0) {
      const needed = environment.approve.join(', ') || 'nobody: it needs no approval'
      throw refusal(
        'not-in-role',
        `${asked.actor} cannot approve for ${environment.name}; it asks for ${needed}`,
      )
    }
    for (const role of held) {
      const value = {
        environment: environment.name,
        release: release.id,
        role,
        by: asked.actor,
        at: this.#world.now(),
      }
      const id = `${environment.name}/${release.id}/${role}`
      this.#world.ledger.put(
        'approval',
        { id, value },
        { type: 'approval.given', actor: asked.actor },
      )
    }
    return held
  }

  /** Takes an environment back: its rollouts under way are aborted, or else its last promotion is reverted. */
  async rollback(asked: { environment: string; actor: string; reason: string }): Promise<string> {
    const { environment, actor, reason } = asked
    this.#environment(environment)
    const desired = await this.#world.environments.read(environment)
    if (desired?.cause.kind === 'rollback' && !isServed(this.#world.ledger, desired)) {
      return `${environment} is going back already: ${desired.cause.reason}`
    }
    const moving = this.#moving(environment)
    for (const rollout of moving) this.#command(rollout, { kind: 'abort', by: actor, reason })
    if (moving.length > 0) return `aborted ${moving.map((rollout) => rollout.id).join(', ')}`
    const release = await revertNewest(this.#world, asked)
    return `reverted ${release} in ${environment}`
  }

  /** Pause, resume, abort or promote a rollout under way. */
  command(asked: { rollout: string; command: RolloutCommand }): string {
    const found = this.#moving(null).find((rollout) => rollout.id === asked.rollout)
    const rollouts = found ? [found] : this.#named(asked.rollout)
    if (rollouts.length === 0) {
      const known =
        this.#moving(null)
          .map((one) => one.id)
          .join(', ') || 'none'
      throw refusal(
        'unknown-rollout',
        `no rollout ${asked.rollout} is under way; there are: ${known}`,
      )
    }
    for (const rollout of rollouts) this.#command(rollout, asked.command)
    return rollouts.map((rollout) => rollout.id).join(', ')
  }

  /** Ends a hold before it expires. */
  lift(asked: { hold: string; actor: string; reason: string }): void {
    const found = this.#world.ledger
      .list('hold')
      .find(({ id }) => id === asked.hold || id.endsWith(`/${asked.hold}`))
    if (!found) throw refusal('unknown-hold', `nothing is held as ${asked.hold}: see slipway hold`)
    const data = { reason: asked.reason }
    this.#world.ledger.remove('hold', found.id, { type: 'hold.lifted', actor: asked.actor, data })
  }

  /** What promoting a release would change in an environment; without a release: the next one, or the current. */
  async diff(asked: {
    environment: string
    release: string | null
  }): Promise<readonly WorkloadDiff[]> {
    const environment = this.#environment(asked.environment)
    const release = asked.release
      ? this.#release(asked.release)
      : upNext(this.#world, environment)?.release
    const live = await this.#world.environments.read(environment.name)
    if (!release) return []
    const project = await this.#world.source.project(release.commit)
    return diff(render(project, environment.name, release), live?.workloads ?? [])
  }

  #command(rollout: Versioned<RolloutRecord>, command: RolloutCommand): void {
    const value = { ...rollout.value, commands: [...rollout.value.commands, command] }
    const type = `rollout.asked-to-${command.kind}`
    const data = { reason: command.reason }
    this.#world.ledger.put('rollout', { ...rollout, value }, { type, actor: command.by, data })
  }

  #moving(environment: string | null): readonly Versioned<RolloutRecord>[] {
    return this.#world.ledger
      .list('rollout')
      .filter(({ value }) => value.status.phase !== 'settled')
      .filter(
        ({ value }) => environment === null || value.spec.workload.environment === environment,
      )
  }

  /** `production` or `production/orders` stands for the rollouts under way there. */
  #named(name: string): readonly Versioned<RolloutRecord>[] {
    const [environment, service] = name.split('/')
    return this.#moving(environment ?? null).filter(
      ({ value }) => service === undefined || value.spec.workload.service === service,
    )
  }

  #environment(name: string): Environment {
    const found = this.#controller.project.environments[name]
    if (found) return found
    const known = Object.keys(this.#controller.project.environments).join(', ')
    throw refusal('unknown-environment', `there is no environment ${name}; there are: ${known}`)
  }

  #release(id: string): Release {
    const found = this.#world.ledger
      .values('release')
      .filter((release) => release.id === id || release.commit.startsWith(id))
    if (found.length === 1) return found[0]!
    const newest = this.#world.ledger
      .values('release')
      .slice(0, 5)
      .map((release) => release.id)
    throw refusal(
      'unknown-release',
      `there is no release ${id}; the newest are: ${newest.join(', ') || 'none'}`,
    )
  }
}

function gateClosed(
  environment: Environment,
  release: Release,
  gates: readonly Gate[],
): ControllerError {
  const reasons = gates.map((gate) => `${gate.kind}: ${gate.reason}`).join('; ')
  return refusal('gate-closed', `${release.id} may not go to ${environment.name}: ${reasons}`)
}

function refusal(code: ControllerErrorCode, message: string): ControllerError {
  return new ControllerError({ code, message, fault: 'input' })
}
