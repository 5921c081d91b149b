// The gateways that are measured, each a way to the same upstream.

import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../../../docker/local/ports.ts'
import type { Delivery } from '../../../schemas/identity/records.ts'
import { answerTokens, requestsOf, servedModel, type Kind } from './asked.ts'
import type { LoadJob, LoadOutcome, Pace } from './load-job.ts'
import { instrument, keys, type GatewayProcess } from './market.ts'
import type { Other } from './others.ts'

export type What = {
  readonly kind: Kind
  readonly pace: Pace
  /** Of the upstream. */
  readonly firstTokenMs?: number
  /** What it answers to each request. */
  readonly says: readonly string[]
}

export type Arm = {
  readonly name: string
  /** Whose processor time counts; null: nobody's. */
  readonly pid: number | null
  /** Of ours: what is answered 200 is billed. */
  readonly isBilled: boolean
  readonly job: (what: What) => LoadJob
}

type Headers = Readonly<Record<string, string>>
type Way = { readonly url: string, readonly model: string, readonly headers: readonly Headers[] }
type Placed = { readonly url: string, readonly child: ChildProcess }

const through = ({ url, model, headers }: Way): Arm['job'] => ({ pace, says, ...what }) =>
  ({ origin: url, requests: requestsOf({ ...what, model, headers }), pace, follows: false, status: 200, says })

type OurWay = {
  readonly name: string
  readonly delivery: Delivery
  /** A redirect is followed to the answer. */
  readonly isWhole: boolean
}

export function ours ({ url, pid }: GatewayProcess, { name, delivery, isWhole }: OurWay): Arm {
  const headers = keys.map(key => ({ authorization: `Bearer ${key}`, 'x-grid-delivery': delivery }))
  const job = through({ url, model: instrument, headers })
  const hop = { follows: false, status: 307, says: null }
  return {
    name,
    pid,
    isBilled: isWhole,
    job: what => ({ ...job(what), ...(isWhole ? { follows: delivery !== 'direct' } : hop) })
  }
}

export const alone = (url: string): Arm =>
  ({ name: 'upstream alone', pid: null, isBilled: false, job: through({ url, model: servedModel, headers: [{}] }) })

export const bare = ({ url, child }: Placed): Arm =>
  ({ name: 'bare proxy', pid: child.pid!, isBilled: false, job: through({ url, model: servedModel, headers: [{}] }) })

export const other = ({ name, url, child, headers }: Other): Arm =>
  ({ name, pid: child.pid!, isBilled: false, job: through({ url, model: servedModel, headers: [headers] }) })

export async function startBare (upstream: string): Promise<Placed> {
  const child = fork(join(import.meta.dirname, 'bare-proxy.ts'), [upstream], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [port] = await once(child, 'message') as [number]
  return { url: `http://127.0.0.1:${port}`, child }
}

/** In a process of its own, as a person would start it. */
export async function startUpstream (): Promise<Placed> {
  const port = await freePort()
  const main = join(import.meta.dirname, '../../../gateway/edge/simulated/main.ts')
  const args = [main, '--port', String(port), '--model', servedModel, '--output-tokens', String(answerTokens)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return { url: `http://127.0.0.1:${port}`, child }
}

export class Load {
  readonly #child = fork(join(import.meta.dirname, 'load.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })

  /** Throws where an answer was wrong. */
  async run (name: string, job: LoadJob): Promise<LoadOutcome> {
    this.#child.send(job)
    const [outcome] = await once(this.#child, 'message') as [LoadOutcome]
    if (outcome.faults.length > 0) throw new Error(`${name}: ${outcome.faults.join('; ')}`)
    if (outcome.requests === 0) throw new Error(`${name} answered nothing`)
    return outcome
  }

  close (): void {
    this.#child.disconnect()
  }
}
