// `npm run bench`: every bench, one after the other, and one table.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { environmentFor, givenBy } from '../../docker/local/environment.ts'
import { startStack, type Stack } from '../../docker/local/stack.ts'
import type { Bench } from './bench.ts'
import { benches } from './benches.ts'
import { readOptions, usage, UsageError, type Options } from './options.ts'
import type { BenchRow } from './row.ts'
import { tableText } from './table.ts'

const say = (line: string): void => { console.error(line) }

type Ran = { readonly rows: readonly BenchRow[], readonly failures: number }

class Runner {
  readonly #options: Options
  readonly #dir: string
  readonly #stopping: AbortSignal
  #stack: Stack | undefined

  constructor (options: Options, dir: string, stopping: AbortSignal) {
    this.#options = options
    this.#dir = dir
    this.#stopping = stopping
  }

  async run (): Promise<Ran> {
    const { only, isJson } = this.#options
    const rows: BenchRow[] = []
    let failures = 0
    for (const bench of benches) {
      if (only.length > 0 && !only.includes(bench.name)) continue
      try {
        const found = await this.#one(bench)
        rows.push(...found)
        if (isJson) for (const row of found) console.log(JSON.stringify(row))
      } catch (error) {
        this.#stopping.throwIfAborted()
        say(`${bench.name} FAILED: ${inspect(error)}`)
        failures++
      }
    }
    return { rows, failures }
  }

  async #one ({ name, needsStack, run }: Bench): Promise<BenchRow[]> {
    const env = needsStack ? await this.#servers() : process.env
    const [load = 0] = loadavg()
    say(`${name}: begins, load of this machine ${load.toFixed(1)}`)
    const aborted = new Promise<never>((_resolve, reject) => {
      this.#stopping.addEventListener('abort', () => { reject(this.#stopping.reason as Error) }, { once: true })
    })
    const progress = (line: string): void => { say(`${name}: ${line}`) }
    const rows = await Promise.race([run({ small: this.#options.isSmall, env, dir: this.#dir, progress }), aborted])
    return rows.map(row => ({ ...row, conditions: `${row.conditions}; load before ${load.toFixed(1)}` }))
  }

  async #servers (): Promise<NodeJS.ProcessEnv> {
    const { kafka, registry, clickHouse } = givenBy(process.env)
    if (kafka !== undefined && registry !== undefined && clickHouse !== undefined) return process.env
    this.#stack ??= await startStack({ dataDir: join(this.#dir, 'stack'), signal: this.#stopping, progress: say })
    return environmentFor(this.#stack.env)
  }

  async stop (): Promise<void> {
    await this.#stack?.stop()
  }
}

/** Returns the status to end with. */
async function main (args: readonly string[]): Promise<number> {
  const stopping = new AbortController()
  const ask = (): void => {
    if (stopping.signal.aborted) process.exit(130) // Asked twice: children and servers end with this process.
    say('stopping')
    stopping.abort(new Error('Interrupted.'))
  }
  process.on('SIGINT', ask).on('SIGTERM', ask)
  const dir = await mkdtemp(join(tmpdir(), 'market-bench-'))
  let runner: Runner | undefined
  try {
    const options = readOptions(args)
    if (options === 'help') {
      console.log(usage)
      return 0
    }
    runner = new Runner(options, dir, stopping.signal)
    const { rows, failures } = await runner.run()
    if (!options.isJson) console.log(tableText(rows))
    return failures === 0 ? 0 : 1
  } catch (error) {
    say(error instanceof UsageError || stopping.signal.aborted ? (error as Error).message : inspect(error))
    return error instanceof UsageError ? 2 : 1
  } finally {
    await runner?.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

// What was interrupted may still be waiting for something; its processes end with this one.
process.exit(await main(process.argv.slice(2)))
