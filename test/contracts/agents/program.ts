// A program that works for a programmer, run without one: in a home of its own, with nobody to call but the market.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import type { Call, Heard } from './scripted-model.ts'

export type Task = {
  /** Where it works, and where it finds its settings. */
  readonly dir: string
  readonly home: string
  readonly url: string
  readonly key: string
  /** As the header `x-grid-delivery` has it. */
  readonly delivery: string
  /** What it is told to ask for; null: what it asks for by itself. */
  readonly model: string | null
  readonly prompt: string
}

type Variables = Readonly<Record<string, string>>
export type Launch = { readonly args: readonly string[], readonly env: Variables }

export type Program = {
  readonly name: string
  readonly package: string
  readonly version: string
  readonly command: string
  /** What it is told to ask for, one run each. */
  readonly models: readonly (string | null)[]
  launch (task: Task): Promise<Launch>
  /** By its own tools: reads word.txt, writes what it says to copy.txt, shows that. `word`: as soon as it was read. */
  call (step: number, heard: Heard, about: { readonly dir: string, readonly word: string }): Call
  /** What it told its user in the end. */
  finalText (stdout: string): string
  /** What it can do beside the task, and what of it must have been asked. */
  readonly aside: { readonly prompt: string, readonly asks: string } | null
}

export type Outcome = {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

const patienceMs = 120_000

/** Puts the program into a folder, at the version that was tried. */
export async function installed (folder: string, { package: name, version, command }: Program): Promise<string> {
  const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error']
  const npm = spawn('npm', ['install', '--prefix', folder, ...options, `${name}@${version}`], { stdio: ['ignore', 2, 2] })
  const [status] = await once(npm, 'close') as [number | null]
  if (status !== 0) throw new Error(`npm could not install ${name}@${version}`)
  return join(folder, 'node_modules', '.bin', command)
}

/** `proxy`: whatever is not on this machine is asked for there. */
type Place = Pick<Task, 'dir' | 'home'> & { readonly proxy: string }

export async function run (command: string, { args, env }: Launch, { dir, home, proxy }: Place): Promise<Outcome> {
  const startedAt = performance.now()
  const away = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1,localhost' }
  const lowered = Object.fromEntries(Object.entries(away).map(([name, value]) => [name.toLowerCase(), value]))
  const child = spawn(command, args, {
    cwd: dir,
    // Its own tools may start more: they end with it.
    detached: true,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: home, ...away, ...lowered, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (part: Buffer) => { stdout += part.toString() })
  child.stderr.on('data', (part: Buffer) => { stderr += part.toString() })
  const timer = setTimeout(() => { process.kill(-child.pid!, 'SIGKILL') }, patienceMs)
  const [status] = await once(child, 'close') as [number | null]
  clearTimeout(timer)
  return { status, stdout, stderr, ms: Math.round(performance.now() - startedAt) }
}
