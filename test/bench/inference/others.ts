// Gateways of others, installed apart: nothing of theirs is among our dependencies.
//
//   node test/bench/inference/others.ts [FOLDER]
//
// Portkey's takes two packages in versions that its own ranges don't ask for: with newer ones it answers 500 to every
// stream. LiteLLM needs Python with venv and pip.

import { randomBytes } from 'node:crypto'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../docker/local/ports.ts'

export const portkeyVersion = '1.15.2'
export const litellmVersion = '1.104.0'

/** Where they are: BENCH_OTHERS, or a folder that no release has. */
export const othersFolder = (): string =>
  resolve(process.env['BENCH_OTHERS'] ?? join(import.meta.dirname, '../../../.data/bench-others'))

const portkeyMain = (folder: string): string => join(folder, 'portkey/node_modules/@portkey-ai/gateway/build/start-server.js')
const litellmMain = (folder: string): string => join(folder, 'litellm/bin/litellm')

function run (command: string, args: readonly string[], cwd: string): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-500)}`)
}

async function installPortkey (folder: string): Promise<void> {
  const cwd = join(folder, 'portkey')
  await mkdir(cwd, { recursive: true })
  await writeFile(join(cwd, 'package.json'), JSON.stringify({
    private: true,
    dependencies: { '@portkey-ai/gateway': portkeyVersion },
    overrides: { '@hono/node-server': '1.13.8', hono: '4.9.7' }
  }))
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], cwd)
}

async function installLitellm (folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  run('python3', ['-m', 'venv', 'litellm'], folder)
  run(join(folder, 'litellm/bin/pip'), ['install', `litellm[proxy]==${litellmVersion}`], folder)
}

/** What is not there yet. What can't be installed is told, and left out. */
export async function install (folder: string, say: (line: string) => void): Promise<void> {
  const parts = [
    { name: 'Portkey', main: portkeyMain(folder), make: installPortkey },
    { name: 'LiteLLM', main: litellmMain(folder), make: installLitellm }
  ]
  for (const { name, main, make } of parts) {
    if (existsSync(main)) continue
    say(`${name}: to be installed in ${folder}`)
    try {
      await make(folder)
    } catch (error) {
      say(`${name}: SKIPPED, it could not be installed: ${(error as Error).message}`)
    }
  }
}

export type Other = {
  readonly name: string
  readonly url: string
  readonly child: ChildProcess
  /** That requests to it must have. */
  readonly headers: Readonly<Record<string, string>>
}

const patienceMs = 60_000

/** Until it answers at all. */
async function listens (child: ChildProcess, url: string): Promise<void> {
  for (const until = performance.now() + patienceMs; ;) {
    const answered = await fetch(url).then(() => true, () => false)
    if (answered) return
    if (child.exitCode !== null || performance.now() > until) throw new Error('it does not listen')
    await sleep(200)
  }
}

async function started (name: string, child: ChildProcess, port: number): Promise<Pick<Other, 'name' | 'url' | 'child'>> {
  const url = `http://127.0.0.1:${port}`
  try {
    await listens(child, url)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${name} did not start: ${String(error)}`, { cause: error })
  }
  return { name, url, child }
}

/** `node`: another than this one, where somebody wants to know. */
async function portkey (folder: string, upstream: string): Promise<Other> {
  const port = await freePort()
  const node = process.env['BENCH_PORTKEY_NODE'] ?? process.execPath
  const child = spawn(node, [portkeyMain(folder), `--port=${port}`, '--headless'], {
    stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' }
  })
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1`, authorization: 'Bearer none' }
  return { ...await started('Portkey', child, port), headers }
}

const litellmConfig = (upstream: string, model: string): string => `
model_list:
  - model_name: ${model}
    litellm_params: { model: openai/${model}, api_base: "${upstream}/v1", api_key: none }
litellm_settings: { telemetry: false, set_verbose: false }
`

async function litellm (folder: string, upstream: string, model: string): Promise<Other> {
  const port = await freePort()
  const config = join(folder, `litellm-${port}.yaml`)
  const key = `sk-${randomBytes(32).toString('hex')}`
  await writeFile(config, litellmConfig(upstream, model))
  const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1', '--telemetry', 'False']
  const env = { ...process.env, LITELLM_LOG: 'ERROR', LITELLM_MODE: 'PRODUCTION', LITELLM_MASTER_KEY: key }
  const child = spawn(litellmMain(folder), args, { stdio: 'ignore', env })
  try {
    return { ...await started('LiteLLM', child, port), headers: { authorization: `Bearer ${key}` } }
  } finally {
    await rm(config)
  }
}

export type To = { readonly upstream: string, readonly model: string, readonly say: (line: string) => void }

/** Those that are installed, and do start. */
export async function startOthers (folder: string, { upstream, model, say }: To): Promise<Other[]> {
  const found = await Promise.allSettled([
    ...(existsSync(portkeyMain(folder)) ? [portkey(folder, upstream)] : []),
    ...(existsSync(litellmMain(folder)) ? [litellm(folder, upstream, model)] : [])
  ])
  return found.flatMap(each => {
    if (each.status === 'fulfilled') return [each.value]
    say(`SKIPPED: ${String(each.reason)}`)
    return []
  })
}

if (process.argv[1] === import.meta.filename) {
  await install(resolve(process.argv[2] ?? othersFolder()), line => { console.error(line) })
}
