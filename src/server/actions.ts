import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { ServerParts } from './server-parts.ts'

const Actor = z.string().min(1).max(200)
const Reason = z.string().max(2000).default('')
const Promote = z.strictObject({ release: z.string().nullable().default(null), actor: Actor })
const Deploy = z.strictObject({ release: z.string(), actor: Actor, reason: Reason })
const Rollback = z.strictObject({ actor: Actor, reason: Reason })
const Command = z.strictObject({
  kind: z.enum(['pause', 'resume', 'abort', 'promote']),
  actor: Actor,
  reason: Reason,
})
const Lift = z.strictObject({ hold: z.string(), actor: Actor, reason: Reason })
const Run = z.strictObject({ commit: z.string(), branch: z.string(), actor: Actor })

/** What people may ask. Each answers with what was done; an error says what would be right. */
export function actionRoutes(app: Hono, { operator, controller }: ServerParts): void {
  app.post('/api/environments/:environment/promote', async (context) => {
    const asked = Promote.parse(await bodyOf(context))
    return context.json(
      await operator.promote({ environment: context.req.param('environment'), ...asked }),
    )
  })
  app.post('/api/environments/:environment/deploy', async (context) => {
    const asked = Deploy.parse(await bodyOf(context))
    return context.json(
      await operator.deploy({ environment: context.req.param('environment'), ...asked }),
    )
  })
  app.post('/api/environments/:environment/approve', async (context) => {
    const asked = Promote.parse(await bodyOf(context))
    const roles = operator.approve({ environment: context.req.param('environment'), ...asked })
    return context.json({ roles })
  })
  app.post('/api/environments/:environment/rollback', async (context) => {
    const asked = Rollback.parse(await bodyOf(context))
    const done = await operator.rollback({
      environment: context.req.param('environment'),
      ...asked,
    })
    return context.json({ done })
  })
  app.post('/api/rollouts/:rollout{.+}', async (context) => {
    const { kind, actor, reason } = Command.parse(await bodyOf(context))
    const rollout = operator.command({
      rollout: context.req.param('rollout'),
      command: { kind, by: actor, reason },
    })
    return context.json({ rollout })
  })
  app.post('/api/holds/lift', async (context) => {
    const asked = Lift.parse(await bodyOf(context))
    operator.lift(asked)
    return context.json({ lifted: asked.hold })
  })
  app.post('/api/runs', async (context) => {
    const { commit, branch, actor } = Run.parse(await bodyOf(context))
    return context.json({ run: await controller.runs.start(commit, branch, actor) })
  })
}

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text()
  return text === '' ? {} : JSON.parse(text)
}
