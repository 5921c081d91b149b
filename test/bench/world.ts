// A market of a bench's own on the given servers: topics, groups and a database of its name, gone with it.

import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { nurseryArgs } from '../../pipelines/market.ts'
import { provide, type ProvideOptions } from '../../pipelines/provide.ts'
import { removeReplay } from '../../pipelines/replay/replay.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { inWords } from '../../pipelines/supervisor/run.ts'
import { Supervisor, type ProcessSpec } from '../../pipelines/supervisor/supervisor.ts'
import type { BenchOptions } from './bench.ts'

export type World = {
  readonly context: Context
  /** Of a process that is to find this world. */
  readonly env: NodeJS.ProcessEnv
  readonly supervisor: Supervisor
}

/** The program that runs roles. */
export const roleMain = join(import.meta.dirname, '../../pipelines/main.ts')

/** Matching, or matching with a clock, as `npm start` runs it. */
export function matcher ({ context }: World, ...roles: readonly string[]): ProcessSpec {
  return { name: 'matching', args: [...nodeArgs(), roleMain, ...roles], roles, groups: [context.group('matching')] }
}

/** As `npm start` has them; BENCH_PROFILE names a directory for the CPU profiles of the market's processes. */
export function nodeArgs (): string[] {
  const dir = process.env['BENCH_PROFILE']
  return [...nurseryArgs, ...(dir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${dir}`])]
}

/** Makes a market, works in it, and removes it whatever came of the work. */
export async function inWorld<Result> (
  { env: servers, dir }: BenchOptions, options: ProvideOptions, work: (world: World) => Promise<Result>
): Promise<Result> {
  const id = randomInt(36 ** 5, 36 ** 6).toString(36)
  const env = {
    ...servers,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
    TOPIC_PREFIX: `bench-${id}.`,
    CLICKHOUSE_DATABASE: `market_bench_${id}`
  }
  const failing = Promise.withResolvers<never>()
  failing.promise.catch(() => {}) // It is met in the race, if that is still on.
  const context = await openContext(readConfig(env), 'bench', failing.reject)
  const supervisor = new Supervisor({
    env,
    logDir: join(dir, 'logs', id),
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: event => {
      // Killed is what a bench may have meant; what ends otherwise has failed.
      if (event.kind !== 'died' || event.exit.signal === 'SIGKILL') return
      failing.reject(new Error(`${event.name} ${inWords(event.exit)}: ${event.exit.stopped ?? ''}; its log: ${event.logFile}`))
    }
  })
  try {
    await provide(context, options)
    return await Promise.race([work({ context, env, supervisor }), failing.promise])
  } finally {
    await supervisor.stop()
    await removeReplay(context)
    await context.log.close()
  }
}
