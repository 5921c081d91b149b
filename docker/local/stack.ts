// Kafka, the schema registry and ClickHouse on this machine: started together, stopped together.
//
// Rules
//   K1  A part whose address the environment gives already is not started; its variables are passed on as they are.
//   K2  One launcher for each data directory. A second is told the first one's process id.
//   K3  What starts is stopped, in reverse order, also when a later part does not start.
//   K4  A start on the same directory goes on where the last left off, whatever ended it. Ports may differ.

import { join, resolve } from 'node:path'
import { startClickHouse } from './clickhouse.ts'
import { givenBy, type PartName } from './environment.ts'
import { downloaded, registryFiles } from './download.ts'
import { findJava } from './java.ts'
import { startKafka, type Security } from './kafka.ts'
import { tryLock } from './lock.ts'
import type { Part } from './part.ts'
import { startRegistry } from './registry.ts'

export type StackOptions = {
  dataDir: string
  /** Where downloads are kept; all stacks of a checkout share one. */
  partsDir?: string
  /** What `environment` gives is not started. */
  environment?: Readonly<Record<string, string | undefined>>
  security?: Security
  progress?: (line: string) => void
  /** Gives the start up and stops what has started. */
  signal?: AbortSignal
}

export type Stack = {
  /** The variables by which the product's processes find every part, with their credentials. */
  readonly env: Readonly<Record<string, string>>
  /** Those that run here, in the order of their start. */
  readonly parts: readonly Part[]
  readonly kafka?: Part
  readonly registry?: Part
  readonly clickHouse?: Part
  /** Resolves, with the reason, once a part has ended without having been told to. */
  readonly failed: Promise<Error>
  stop (): Promise<void>
}

/** Starts what the environment does not give, and resolves once all of it serves. */
export async function startStack (options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  const lock = await tryLock(join(dataDir, 'lock'))
  if ('heldBy' in lock) throw new Error(alreadyRunning(dataDir, lock.heldBy))
  const parts: Part[] = []
  const stop = async () => {
    try {
      for (const part of parts.splice(0).reverse()) {
        options.progress?.(`${part.title}: stopping`)
        await part.stop()
      }
    } finally {
      await lock.release()
    }
  }
  try {
    const started = await startParts({ ...options, dataDir }, part => parts.push(part))
    return { ...started, parts: [...parts], failed: Promise.race(parts.map(part => part.failed)), stop }
  } catch (error) {
    await stop() // K3
    throw error
  }
}

type Started = Pick<Stack, 'env' | 'kafka' | 'registry' | 'clickHouse'>

/** Kafka and ClickHouse side by side, the registry once Kafka takes requests. The first failure gives the others up. */
async function startParts (options: StackOptions, started: (part: Part) => void): Promise<Started> {
  const { dataDir, environment = process.env, progress = () => {}, security = 'none' } = options
  const failing = new AbortController()
  const common = {
    partsDir: options.partsDir ?? join(import.meta.dirname, '..', '..', '.data', 'parts'),
    logDir: join(dataDir, 'logs'),
    progress,
    signal: AbortSignal.any([failing.signal, ...(options.signal === undefined ? [] : [options.signal])])
  }
  const parts: Partial<Record<PartName, Part>> = {}
  const given = givenBy(environment)
  const env = (name: PartName) => given[name] ?? parts[name]?.env ?? {}
  const java = given.kafka && given.registry ? undefined : await findJava(common.partsDir)
  const together = async (...starting: Promise<unknown>[]) => {
    await Promise.all(starting.map(async one => await one.catch((error: unknown) => failing.abort(error))))
    common.signal.throwIfAborted()
  }
  const start = async (name: PartName, starting: () => Promise<Part>) => {
    if (given[name] !== undefined) return // K1
    const part = await starting()
    parts[name] = part
    started(part)
    progress(`${part.title}: ready in ${(part.startedInMs / 1000).toFixed(1)} s on ${part.address}`)
  }
  const logAndSchemas = async () => {
    const kafka = start('kafka', () => startKafka({ ...common, dataDir: join(dataDir, 'kafka'), java: java!, security }))
    // Fetched while Kafka starts: together they are most of what a first start waits for.
    await together(kafka, given.registry === undefined ? downloaded(registryFiles, common) : kafka)
    await start('registry', () => startRegistry({ ...common, dataDir: join(dataDir, 'registry'), java: java!, kafka: env('kafka') }))
  }
  const tables = () => start('clickHouse', () => startClickHouse({ ...common, dataDir: join(dataDir, 'clickhouse') }))
  await together(logAndSchemas(), tables())
  return { ...parts, env: { ...env('kafka'), ...env('registry'), ...env('clickHouse') } }
}

function alreadyRunning (dataDir: string, pid: number): string {
  return [
    `${dataDir} is in use: process ${pid} runs the stack there.`,
    `Stop it first (kill ${pid}), or give another directory.`
  ].join('\n')
}
