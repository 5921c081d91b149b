// A process of the market: its parts started one after the other, its end in the reverse order.
//
// What it tells whoever started it, where that is a process that listens: `{ ready: name }` once a role has started,
// `{ stopped: why }` before it ends for a reason that must not be passed over. What it is told: SIGTERM or SIGINT, or
// that the other is gone; then nobody would ever stop it, so it ends at once.

import { once } from 'node:events'
import { openContext, type Context } from './context.ts'
import { serveMetrics } from './metrics-server.ts'
import { endWithParent } from './parent.ts'
import { readConfig } from '../runtime/config.ts'

/** Starts something, and returns how to stop it. */
export type Role = (context: Context) => Promise<() => Promise<void>>

export type Message = { readonly ready: string } | { readonly stopped: string }

/** Runs until asked to end. `ends`: the roles have done their work once they have started. */
export async function runRoles (roles: ReadonlyMap<string, Role>, { ends = false } = {}): Promise<void> {
  endWithParent()
  const failing = Promise.withResolvers<never>()
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const stops: (() => Promise<void>)[] = []
  try {
    const context = await openContext(readConfig(process.env), [...roles.keys()].join('+'), failing.reject)
    const start = async (): Promise<void> => {
      const port = process.env['METRICS_PORT'] ?? ''
      if (port !== '') stops.push(await serveMetrics(context, Number(port)))
      for (const [name, role] of roles) {
        stops.push(await role(context))
        context.logger.info(`${name} is running`)
        tell({ ready: name })
      }
    }
    const started = start()
    await Promise.race([started, asked, failing.promise])
    if (!ends) await Promise.race([asked, failing.promise])
    for (const stop of stops.reverse()) await stop()
    await context.log.close()
  } catch (error) {
    await endWith(error)
  }
}

async function endWith (error: unknown): Promise<void> {
  console.error(error)
  const why = error instanceof Error ? error.message : String(error)
  await new Promise<void>(resolve => {
    if (process.send === undefined) resolve()
    else process.send({ stopped: why }, () => { resolve() })
  })
  process.exit(1)
}

function tell (message: Message): void {
  process.send?.(message)
}
