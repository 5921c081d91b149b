// Keeps children running. The numbers in comments are the rules of README.md.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff, backoffDefaults, type BackoffOptions } from './backoff.ts'
import { BoundedLog } from './bounded-log.ts'
import { inWords, Run, type Exit } from './run.ts'

export type ProcessSpec = {
  /** Names its log file and, with a number, each run. */
  readonly name: string
  readonly args: readonly string[]
  readonly roles: readonly string[]
  /** Beside the environment that all share. */
  readonly env?: Readonly<Record<string, string>>
  /** The consumer groups that it joins. */
  readonly groups?: readonly string[]
  /** A client of the others, which needs them to end well. */
  readonly endsFirst?: boolean
}

export type Death = {
  readonly kind: 'died'
  readonly name: string
  readonly exit: Exit
  readonly logFile: string
  readonly againInMs: number
}

export type SupervisorEvent =
  | Death
  | { readonly kind: 'live', readonly name: string }
  | { readonly kind: 'not-evicted', readonly name: string, readonly group: string, readonly error: unknown }

export type SupervisorOptions = {
  readonly env: NodeJS.ProcessEnv
  readonly logDir: string
  /** Takes the memberships of a client id in a group away. */
  readonly evict: (group: string, clientId: string) => Promise<unknown>
  readonly report: (event: SupervisorEvent) => void
  readonly backoff?: BackoffOptions
  /** How long a child may take to end before it is made to. */
  readonly graceMs?: number
}

type Child = {
  readonly spec: ProcessSpec
  readonly log: BoundedLog
  readonly backoff: Backoff
  run: Run
  clientId: string
  /** Ends when nobody looks after it any more. */
  kept: Promise<void>
}

const graceMsDefault = 5000
const deadlineMsDefault = 60_000

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #children = new Map<string, Child>()
  /** Aborted once nothing is started again. */
  readonly #stopping = new AbortController()

  constructor (options: SupervisorOptions) {
    this.#options = options
  }

  /** Resolves once the child is live; rejects with its last lines when it is not in time, or ends before. */
  async start (spec: ProcessSpec, deadlineMs = deadlineMsDefault): Promise<void> {
    this.#stopping.signal.throwIfAborted()
    if (this.#children.has(spec.name)) throw new Error(`${spec.name} is there already`)
    const log = new BoundedLog(join(this.#options.logDir, `${spec.name}.log`))
    const backoff = new Backoff(this.#options.backoff ?? backoffDefaults)
    const child: Child = { spec, log, backoff, kept: Promise.resolve(), ...this.#run(spec, log) }
    this.#children.set(spec.name, child)
    const late = new AbortController()
    const outcome = await Promise.race([
      child.run.live.then(isLive => isLive ? 'live' : 'ended'),
      sleep(deadlineMs, 'late', { signal: late.signal })
    ]).finally(() => { late.abort() })
    if (outcome === 'live') {
      child.kept = this.#keep(child)
      return
    }
    if (outcome === 'late') child.run.kill()
    throw new Error(notWell(child, outcome === 'late' ? `was not ready within ${deadlineMs / 1000} s` : inWords(await child.run.exited)))
  }

  /** Runs a child that ends by itself; rejects with its last lines when it does not end well. */
  async runToEnd (spec: ProcessSpec): Promise<void> {
    const log = new BoundedLog(join(this.#options.logDir, `${spec.name}.log`))
    const child: Child = { spec, log, backoff: new Backoff(), kept: Promise.resolve(), ...this.#run(spec, log) }
    const stop = (): void => { child.run.kill() }
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    const exit = await child.run.exited
    this.#stopping.signal.removeEventListener('abort', stop)
    log.close()
    if (exit.status !== 0) throw new Error(notWell(child, inWords(exit)))
  }

  #run (spec: ProcessSpec, log: BoundedLog): { run: Run, clientId: string } {
    const clientId = `${spec.name}-${randomBytes(5).toString('hex')}` // 2: of this run only
    const env = { ...this.#options.env, ...spec.env, MARKET_CLIENT_ID: clientId }
    return { run: new Run({ args: spec.args, env, roles: spec.roles, log }), clientId }
  }

  /** Starts it again whenever it ends without having been told to. */
  async #keep (child: Child): Promise<void> {
    const { spec: { name }, log, backoff } = child
    const { report } = this.#options
    for (;;) {
      const exit = await child.run.exited
      if (this.#isStopping()) return
      const againInMs = backoff.after(exit.liveMs) // 1
      report({ kind: 'died', name, exit, logFile: log.path, againInMs }) // 4
      this.#evict(child) // Not waited for: brokers that are away must not keep the child from its start.
      await sleep(againInMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#isStopping()) return
      Object.assign(child, this.#run(child.spec, log))
      if (await child.run.live) report({ kind: 'live', name })
    }
  }

  #isStopping (): boolean {
    return this.#stopping.signal.aborted
  }

  #evict ({ spec: { name, groups = [] }, clientId }: Child): void { // 2
    const { evict, report } = this.#options
    for (const group of groups) {
      evict(group, clientId).catch((error: unknown) => { report({ kind: 'not-evicted', name, group, error }) })
    }
  }

  /** Of the run under way; undefined for a child that there is not, or between two runs. */
  pid (name: string): number | undefined {
    return this.#children.get(name)?.run.pid
  }

  /** kill -9, as a power cut would. Resolves once it is live again, with the milliseconds that took. */
  async kill (name: string): Promise<number> {
    const child = this.#of(name)
    const killed = child.run
    const at = performance.now()
    killed.kill()
    await killed.exited
    await this.#live(child, killed)
    return performance.now() - at
  }

  // Runs follow one another; those that end before they were live are passed over.
  async #live (child: Child, after: Run): Promise<void> {
    while (child.run === after || !await child.run.live) {
      await sleep(5, undefined, { signal: this.#stopping.signal })
    }
  }

  #of (name: string): Child {
    const child = this.#children.get(name)
    if (child === undefined) throw new Error(`there is no child called ${name}`)
    return child
  }

  async stop (): Promise<void> {
    this.#stopping.abort()
    const children = [...this.#children.values()]
    await this.#stopAll(children.filter(({ spec }) => spec.endsFirst === true))
    await this.#stopAll(children.filter(({ spec }) => spec.endsFirst !== true))
    this.#children.clear()
  }

  async #stopAll (children: readonly Child[]): Promise<void> {
    const { graceMs = graceMsDefault } = this.#options
    await Promise.all(children.map(async child => {
      await child.run.stop(graceMs) // 5
      await child.kept
      child.log.close()
    }))
  }
}

/** For a person. */
function notWell ({ spec: { name }, log }: Child, why: string): string {
  const lines = log.lastLines.map(line => `    ${line}`)
  return [`${name} ${why}. ${lines.length === 0 ? 'It wrote nothing.' : 'Its last lines:'}`, ...lines, `  All of its log: ${log.path}`].join('\n')
}
