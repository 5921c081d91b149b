// A child process that does not outlive its launcher.
//
// Rules
//   C1  Ctrl-C reaches the launcher only: a child leads a process group of its own and is stopped in order.
//   C2  When the launcher is gone, however it went, the child is gone within five seconds:
//       - one that ends at the end of its standard input sees it, for the kernel closes the pipe;
//       - any other runs under `setpriv --pdeathsig`, or where there is none, beside a guardian, a shell that
//         reads from the launcher's pipe and kills the child at its end. The former goes by the thread that
//         started the child: never start one from a worker thread.
//   C3  A guardian that dies before its child is replaced.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { quoted, type LogFile } from './log-file.ts'

export type Command = {
  file: string
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** How to ask it to end. */
  endsAt: 'sigterm' | 'end-of-stdin'
}

/** How a child ended: one of the two is set. */
export type Exit = { status: number | null, signal: string | null }

export type Child = {
  readonly pid: number
  readonly exited: Promise<Exit>
  isRunning (): boolean
  /** Asks it to end, and after `graceMs` makes it. */
  stop (graceMs: number): Promise<Exit>
  kill (): Promise<void>
}

/** Starts a child whose log goes to `log`. */
export async function startChild (command: Command, log: LogFile, tether = tetherHere()): Promise<Child> {
  const bySignal = command.endsAt === 'sigterm'
  const setpriv = bySignal && await tether === 'setpriv'
  const output = await log.open()
  const process = spawn(
    setpriv ? 'setpriv' : command.file,
    setpriv ? ['--pdeathsig', 'KILL', '--', command.file, ...command.args] : command.args,
    {
      detached: true, // C1
      cwd: command.cwd,
      env: command.env,
      stdio: [bySignal ? 'ignore' : 'pipe', output.fd, output.fd]
    })
  process.stdin?.on('error', () => {}) // A dead child's pipe: its exit says all there is to say.
  try {
    await once(process, 'spawn')
  } finally {
    await output.close()
  }
  if (bySignal && !setpriv) guard(process)
  return childOf(process, command)
}

function childOf (process: ChildProcess, command: Command): Child {
  const { pid } = process
  if (pid === undefined) throw new Error(`${command.file} has no process id although it was started.`)
  const exited = ended(process)
  return {
    pid,
    exited,
    isRunning: () => isRunning(process),
    stop: async graceMs => {
      if (command.endsAt === 'end-of-stdin') process.stdin?.end()
      else process.kill('SIGTERM')
      const timer = setTimeout(() => process.kill('SIGKILL'), graceMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
    kill: async () => {
      process.kill('SIGKILL')
      await exited
    }
  }
}

/** C2, C3: a shell whose `read` ends when the launcher does, and which then kills the child. */
function guard (child: ChildProcess): void {
  const script = 'read _; kill -9 "$1"'
  const guardian = spawn('sh', ['-c', script, 'guardian', String(child.pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  guardian.stdin.on('error', () => {})
  guardian.once('exit', () => { if (isRunning(child)) guard(child) })
  child.once('exit', () => guardian.kill('SIGKILL'))
}

function isRunning (process: ChildProcess): boolean {
  return process.exitCode === null && process.signalCode === null
}

async function ended (process: ChildProcess): Promise<Exit> {
  if (isRunning(process)) await once(process, 'exit')
  return { status: process.exitCode, signal: process.signalCode }
}

/** `ended with status 1`, for a message. */
export function inWords (exit: Exit): string {
  return exit.signal === null ? `ended with status ${exit.status ?? 'unknown'}` : `ended by ${exit.signal}`
}

type RunOptions = { log: LogFile, signal?: AbortSignal | undefined }

/** Runs a command that ends by itself; rejects with its last lines when its status is not 0. */
export async function runToEnd (title: string, command: Command, { log, signal }: RunOptions): Promise<void> {
  signal?.throwIfAborted()
  const child = await startChild(command, log)
  const abort = () => { child.kill().catch(() => {}) } // What came of it is read from `exited`, below.
  signal?.addEventListener('abort', abort)
  const exit = await child.exited
  signal?.removeEventListener('abort', abort)
  signal?.throwIfAborted()
  if (exit.status === 0) return
  throw new Error(`${title} ${inWords(exit)}. ${quoted(await log.written())}\n  All of its log: ${log.path}`)
}

/** What this machine has to make a child that listens for signals die with its launcher. */
export async function tetherHere (): Promise<'setpriv' | 'guardian'> {
  return process.platform === 'linux' && await isOnPath('setpriv') ? 'setpriv' : 'guardian'
}

/** Whether a program of that name can be run. */
export async function isOnPath (program: string, path = process.env['PATH'] ?? ''): Promise<boolean> {
  for (const dir of path.split(delimiter)) {
    try {
      await access(join(dir, program), constants.X_OK)
      return true
    } catch {
      continue
    }
  }
  return false
}
