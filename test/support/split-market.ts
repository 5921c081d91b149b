// A market with each role in a process of its own, and two gateways: what a fleet is, on one machine.

import { join } from 'node:path'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePorts } from '../../docker/local/ports.ts'
import type { Context } from '../../pipelines/process/context.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { sinkNames } from '../../pipelines/sinks/run-sinks.ts'
import { inWords } from '../../pipelines/supervisor/run.ts'
import { Supervisor, type ProcessSpec, type SupervisorEvent } from '../../pipelines/supervisor/supervisor.ts'

const root = join(import.meta.dirname, '..', '..')
const pipelines = join(root, 'pipelines', 'main.ts')
const gateway = join(root, 'gateway', 'main.ts')

export type SplitMarketOptions = {
  readonly context: Context
  /** The names of this market and where its parts are. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logDir: string
  readonly failed: (error: unknown) => void
  /** A second process of each stage, warm. */
  readonly hasStandbys?: boolean
  /** How many; two where nothing is said. */
  readonly gateways?: number
  /** Options for Node, by the name of the process. */
  readonly nodeOptions?: (name: string) => readonly string[]
  readonly report?: (event: SupervisorEvent) => void
}

/** Kills follow one another faster than in a life: each is to be as the first. */
const backoff = { firstMs: 100, longestMs: 100, healthyMs: 60_000 }

/** One machine is one address, and one trader here is a thousand. */
export const unlimited = {
  REQUESTS_A_MINUTE: '100000000', ORDERS_A_SECOND: '100000', ORDERS_A_MINUTE: '10000000', ORDER_BURST: '100000'
}

export class SplitMarket {
  readonly supervisor: Supervisor
  readonly gatewayUrls: readonly string[]
  readonly #specs: readonly ProcessSpec[]
  readonly #living = new Map<string, () => void>()

  private constructor (options: SplitMarketOptions, ports: readonly number[]) {
    const { context, env, logDir, failed, report } = options
    this.gatewayUrls = ports.map(port => `http://127.0.0.1:${port}`)
    this.#specs = specsOf(options, ports)
    this.supervisor = new Supervisor({
      env: { ...environmentFor({}), ...env },
      logDir,
      backoff,
      evict: (group, clientId) => evict(context.kafka, group, clientId),
      report: event => {
        report?.(event)
        if (event.kind === 'live') this.#living.get(event.name)?.()
        if (event.kind !== 'died' || event.exit.signal === 'SIGKILL' || event.exit.status === 0) return
        failed(new Error(`${event.name} ${inWords(event.exit)}: ${event.exit.stopped ?? 'no reason given'}; its log: ${event.logFile}`))
      }
    })
  }

  /** Resolves once every process is live. The topics must be there. */
  static async start (options: SplitMarketOptions): Promise<SplitMarket> {
    const market = new SplitMarket(options, await freePorts(options.gateways ?? 2))
    await Promise.all(market.#specs.map(spec => market.supervisor.start(spec)))
    return market
  }

  get names (): string[] {
    return this.#specs.map(({ name }) => name)
  }

  /** Asks it to end, as a new release would, and resolves once the next run of it is live. */
  async restart (name: string): Promise<void> {
    const pid = this.supervisor.pid(name)
    if (pid === undefined) throw new Error(`${name} is not running`)
    const live = new Promise<void>(resolve => { this.#living.set(name, resolve) })
    process.kill(pid, 'SIGTERM')
    await live
  }

  stop (): Promise<void> {
    return this.supervisor.stop()
  }
}

function specsOf (options: SplitMarketOptions, ports: readonly number[]): ProcessSpec[] {
  const { context: { group }, logDir, hasStandbys = false, nodeOptions = () => [] } = options
  const stage = (name: string, role: string): ProcessSpec => ({
    name, args: [...nodeOptions(name), pipelines, 'clock', role], roles: ['clock', role], groups: [group(role)]
  })
  const stages = ['ledger', 'matching'].flatMap(role =>
    [stage(role, role), ...(hasStandbys ? [stage(`${role}-standby`, role)] : [])])
  const sinks = { name: 'sinks', args: [...nodeOptions('sinks'), pipelines, 'sinks'], roles: ['sinks'], groups: sinkNames.map(group) }
  const gateways = ports.map((port, index): ProcessSpec => {
    const name = `gateway-${index + 1}`
    const env = { ...unlimited, PORT: String(port), SPOOL_DIR: join(logDir, `${name}-spool`) }
    return { name, args: [...nodeOptions(name), gateway], roles: ['gateway'], env }
  })
  return [...stages, sinks, ...gateways]
}
