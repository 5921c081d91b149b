// The processes that make a market on one machine, as the supervisor starts them.

import { join } from 'node:path'
import { ledger } from './ledger/stage.ts'
import { matching } from './matching/stage.ts'
import { metering } from './metering/stage.ts'
import { sinkNames } from './sinks/run-sinks.ts'
import type { ProcessSpec } from './supervisor/supervisor.ts'

const pipelines = join(import.meta.dirname, 'main.ts')
const gateway = join(import.meta.dirname, '..', 'gateway', 'main.ts')
const demo = join(import.meta.dirname, 'demo', 'main.ts')
const edge = join(import.meta.dirname, '..', 'gateway', 'edge', 'simulated-edge.ts')

/**
 * For Node: what a request leaves behind is dead before a larger nursery is full, and never copied. A sixth less
 * processor time a request in a gateway, a fifth less in the stages; up to 190 MB more where a process has much to do.
 */
export const nurseryArgs: readonly string[] = ['--max-semi-space-size=64']

/** In the market's data folder: where its parts are, for who has to be told. */
export const environmentFile = 'market.env'

/** There too: with what the visitor of the demo asks for inference. */
export const consumptionKeyFile = 'consumption-key'

export type MarketOptions = {
  /** Before the names of consumer groups, as before those of topics. */
  readonly topicPrefix: string
  readonly gatewayPort: number
  /** Of /metrics, by the name of the process; a process that is not named has none. */
  readonly metricsPorts: Readonly<Record<string, number>>
  /** Where processes keep what must survive them. No two markets share it. */
  readonly folder: string
  /** What the gateway alone is told. */
  readonly gatewayEnv?: Readonly<Record<string, string>>
}

/**
 * The stages are in one process, alone or the first of two: on one machine they share its cores anyway, and each
 * process of its own would cost a hundred megabytes. A fleet runs them apart.
 */
export type MarketProcesses = Readonly<Record<'provide' | 'leader' | 'standby' | 'sinks' | 'gateway' | 'demo', ProcessSpec>>

export function marketProcesses (options: MarketOptions): MarketProcesses {
  const { topicPrefix, gatewayPort, metricsPorts, folder, gatewayEnv = {} } = options
  const group = (role: string): string => `${topicPrefix}${role}`
  const metrics = (name: string): Record<string, string> => {
    const port = metricsPorts[name]
    return port === undefined ? {} : { METRICS_PORT: String(port) }
  }
  const roles = ['clock', 'ledger', 'matching', 'metering']
  const stages = (name: string): ProcessSpec => ({
    name,
    args: [...nurseryArgs, pipelines, ...roles],
    roles,
    env: metrics(name),
    groups: [ledger(), matching(), metering()].map(({ name }) => group(name))
  })
  return {
    provide: { name: 'provide', args: [pipelines, 'provide', '--activate'], roles: ['provide'] },
    leader: stages('matching'),
    standby: stages('matching-standby'),
    sinks: { name: 'sinks', args: [...nurseryArgs, pipelines, 'sinks', 'jobs'], roles: ['sinks', 'jobs'], env: metrics('sinks'), groups: sinkNames.map(group) },
    gateway: {
      name: 'gateway',
      args: [...nurseryArgs, gateway],
      roles: ['gateway'],
      env: { ...gatewayEnv, PORT: String(gatewayPort), SPOOL_DIR: join(folder, 'gateway-spool') }
    },
    demo: { name: 'demo', args: [demo], roles: ['demo'], env: metrics('demo') }
  }
}

/** What a supplier of the demo serves with, in the market's folder: the demo writes it (demo/serving.ts). */
export const supplierFile = (folder: string, place: number): string => join(folder, `supplier-${place}.env`)

/** A supplier of the demo, from 1: an edge, and a made-up model server in the same process. */
export function supplierProcess (folder: string, place: number): ProcessSpec {
  const name = `supplier-${place}`
  return {
    name,
    args: [`--env-file=${supplierFile(folder, place)}`, edge],
    roles: ['edge'],
    env: { SPOOL_DIR: join(folder, `${name}-spool`) },
    // What it has still to tell goes to the gateway.
    endsFirst: true
  }
}
