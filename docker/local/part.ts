// A server of the stack: started, waited for, watched, stopped, and for tests killed and started again.

import { setTimeout as sleep } from 'node:timers/promises'
import { inWords, startChild, type Child, type Command, type Exit } from './child.ts'
import { logFile, quoted, type LogFile } from './log-file.ts'
import { freePorts } from './ports.ts'

export type PartSpec = {
  /** Its name and version as a person reads them: `Kafka 4.2.0`. */
  title: string
  logPath: string
  portCount: number
  deadlineMs: number
  /** How long a stop may take before it becomes a kill. */
  graceMs: number
  command (ports: readonly number[]): Promise<Command>
  /** Whether it serves; `log` is what it has written so far. */
  isReady (ports: readonly number[], log: string): Promise<boolean>
  /** Mends what may have made it end early, and says whether there was anything to mend. */
  mend?: () => Promise<boolean>
  /** The variables by which the product's processes find it and get in. */
  env (address: string): Record<string, string>
  /** Gives the start up. */
  signal?: AbortSignal | undefined
  /** What a clean stop leaves behind is put away here. */
  stopped?: () => Promise<void>
}

export type Part = {
  readonly title: string
  readonly address: string
  readonly ports: readonly number[]
  readonly pid: number
  readonly logFile: string
  readonly env: Readonly<Record<string, string>>
  /** Milliseconds from its start until it served. */
  readonly startedInMs: number
  /** Resolves, with the reason, if it ends without having been told to. */
  readonly failed: Promise<Error>
  stop (): Promise<void>
  /** kill -9, as a power cut would; `restart` brings it back. */
  kill (): Promise<void>
  /** Starts it again on the same directory and the same ports; kills it first if it runs. */
  restart (): Promise<void>
}

/** Starts a part and resolves once it serves. Rejects with its last log lines when it does not in time. */
export async function startPart (spec: PartSpec): Promise<Part> {
  const log = logFile(spec.logPath)
  const failure = Promise.withResolvers<Error>()
  const begun = performance.now()
  const { child: first, ports } = await start(spec, log)
  let child = first
  let isMeant = false
  const watch = (watched: Child) => {
    const report = async (exit: Exit) => {
      if (isMeant || watched !== child) return
      failure.resolve(failed(spec, `${inWords(exit)} without having been told to`, await log.written()))
    }
    watched.exited.then(report).catch(failure.resolve)
  }
  const kill = async () => {
    isMeant = true
    if (child.isRunning()) await child.kill()
  }
  watch(child)
  const address = `127.0.0.1:${ports[0]!}`
  return {
    title: spec.title,
    address,
    env: spec.env(address),
    ports,
    get pid () { return child.pid },
    logFile: log.path,
    startedInMs: performance.now() - begun,
    failed: failure.promise,
    stop: async () => {
      isMeant = true
      if (!child.isRunning()) return
      const exit = await child.stop(spec.graceMs)
      if (exit.signal !== 'SIGKILL') await spec.stopped?.()
    },
    kill,
    restart: async () => {
      await kill()
      const again = await start(spec, log, ports)
      child = again.child
      isMeant = false
      watch(child)
    }
  }
}

type Started = { child: Child, ports: readonly number[] }

async function start (spec: PartSpec, log: LogFile, samePorts?: readonly number[]): Promise<Started> {
  const deadline = performance.now() + spec.deadlineMs
  for (;;) {
    const ports = samePorts ?? await freePorts(spec.portCount)
    const child = await startChild(await spec.command(ports), log)
    const outcome = await ready({ spec, child, ports, log, deadline })
    if (outcome === 'ready') return { child, ports }
    const written = await log.written()
    if (outcome === 'late') {
      await child.kill()
      throw failed(spec, `did not serve within ${spec.deadlineMs / 1000} s`, written)
    }
    const mayRetry = performance.now() < deadline && (isPassing(written) || await spec.mend?.() === true)
    if (!mayRetry) throw failed(spec, `${outcome} before it served`, written)
    await sleep(300)
  }
}

type Wait = Started & { spec: PartSpec, log: LogFile, deadline: number }

async function ready ({ spec, child, ports, log, deadline }: Wait): Promise<string> {
  while (performance.now() < deadline) {
    if (!child.isRunning()) return inWords(await child.exited)
    if (spec.signal?.aborted === true) {
      await child.kill()
      spec.signal.throwIfAborted()
    }
    if (await spec.isReady(ports, await log.written())) return 'ready'
    await Promise.race([sleep(40), child.exited])
  }
  return 'late'
}

/** A port taken between the probe and the bind; a directory not yet let go by a run that was killed a moment ago. */
function isPassing (log: string): boolean {
  return /address already in use|already bound|BindException|cannot lock file|failed to acquire lock/i.test(log)
}

function failed (spec: PartSpec, why: string, log: string): Error {
  return new Error(`${spec.title} ${why}. ${quoted(log)}\n  All of its log: ${spec.logPath}`)
}
