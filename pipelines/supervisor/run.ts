// One run of one child.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { BoundedLog } from './bounded-log.ts'

export type RunSpec = {
  /** A module and its arguments. */
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What it reports one by one: it is live once all have been. */
  readonly roles: readonly string[]
  readonly log: BoundedLog
}

export type Exit = {
  readonly status: number | null
  readonly signal: string | null
  /** Why it stopped, in its own words. */
  readonly stopped: string | undefined
  /** How long it was live; 0 if it never was. */
  readonly liveMs: number
}

export class Run {
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess
  readonly #live = Promise.withResolvers<boolean>()
  #missing: Set<string>
  #liveSince: number | undefined
  #stopped: string | undefined

  constructor ({ args, env, roles, log }: RunSpec) {
    this.#missing = new Set(roles)
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const
    this.#process = spawn(process.execPath, [...args], { detached: true, env, stdio: [...stdio] })
    this.#process.on('message', message => { this.#hear(message) })
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output?.on('data', (chunk: Buffer) => { log.write(chunk) })
    }
    this.exited = this.#end()
  }

  get pid (): number | undefined {
    return this.#process.pid
  }

  /** Resolves with true once it is live, with false when it ended before. */
  get live (): Promise<boolean> {
    return this.#live.promise
  }

  #hear (message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    if ('stopped' in message) this.#stopped = String(message.stopped)
    if (!('ready' in message)) return
    this.#missing.delete(String(message.ready))
    if (this.#missing.size > 0) return
    this.#liveSince ??= performance.now()
    this.#live.resolve(true)
  }

  // `close` comes after the last of its output, `exit` may come before.
  async #end (): Promise<Exit> {
    await once(this.#process, 'close').catch(() => {})
    this.#live.resolve(false)
    const { exitCode: status, signalCode: signal } = this.#process
    const liveMs = this.#liveSince === undefined ? 0 : performance.now() - this.#liveSince
    return { status, signal, stopped: this.#stopped, liveMs }
  }

  kill (): void {
    this.#process.kill('SIGKILL')
  }

  /** Asks it to end, and after `graceMs` makes it. */
  async stop (graceMs: number): Promise<Exit> {
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => { this.kill() }, graceMs)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }
}

/** `ended with status 1`, for a message. */
export function inWords ({ status, signal }: Exit): string {
  return signal === null ? `ended with status ${status ?? 'unknown'}` : `ended by ${signal}`
}
