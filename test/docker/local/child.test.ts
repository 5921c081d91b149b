import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { inWords, runToEnd, startChild, tetherHere } from '../../../docker/local/child.ts'
import { logFile } from '../../../docker/local/log-file.ts'
import { running, stillRunning } from '../../support/processes.ts'
import { temporaryDir } from '../../support/stack.ts'

const log = async () => logFile(join(await temporaryDir(), 'child.log'))
const node = (script: string) => ({ file: process.execPath, args: ['-e', script], endsAt: 'sigterm' as const })

/** A launcher that starts a child which would never end by itself, and prints the child's id. */
const launcher = (tether: string, logPath: string) => `
  import { startChild } from '${join(import.meta.dirname, '../../../docker/local/child.ts')}'
  import { logFile } from '${join(import.meta.dirname, '../../../docker/local/log-file.ts')}'
  const child = await startChild(
    { file: 'sleep', args: ['600'], endsAt: 'sigterm' }, logFile('${logPath}'), Promise.resolve('${tether}'))
  console.log(child.pid)
  setInterval(() => {}, 1000)`

test.each(await tetherHere() === 'setpriv' ? ['setpriv', 'guardian'] : ['guardian'])(
  'a child dies with a launcher that is killed (%s)', async tether => {
    const script = launcher(tether, join(await temporaryDir(), 'child.log'))
    const process = spawn(globalThis.process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [pid] = await once(process.stdout, 'data') as [Buffer]
    const child = (await running()).filter(one => one.pid === Number(pid.toString()))
    expect(child).toHaveLength(1)
    process.kill('SIGKILL')
    await vi.waitUntil(async () => (await stillRunning(child)).length === 0, { timeout: 5000 })
  })

test('a guardian that was killed is replaced', async () => {
  const child = await startChild({ file: 'sleep', args: ['600'], endsAt: 'sigterm' }, await log(), Promise.resolve('guardian'))
  const guardians = async () => (await running()).filter(({ command }) => command.endsWith(`guardian ${child.pid}`))
  await vi.waitUntil(async () => (await guardians()).length === 1)
  const [first] = await guardians()
  process.kill(first!.pid, 'SIGKILL')
  await vi.waitUntil(async () => (await guardians()).some(({ pid }) => pid !== first!.pid))
  await child.stop(5000)
  await vi.waitUntil(async () => (await guardians()).length === 0)
})

test('a child that ignores the request to end is made to', async () => {
  const file = await log()
  const child = await startChild(node('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'), file)
  await vi.waitUntil(async () => (await file.written()).includes('up'))
  expect(inWords(await child.stop(100))).toBe('ended by SIGKILL')
})

test('a child that ends at the end of its standard input is asked that way', async () => {
  const child = await startChild({ file: 'cat', args: [], endsAt: 'end-of-stdin' }, await log())
  expect(inWords(await child.stop(5000))).toBe('ended with status 0')
})

test('a command that fails is reported with the end of its log', async () => {
  const failing = node('for (let i = 0; i < 30; i++) console.log("line", i); process.exit(3)')
  const failure = runToEnd('Counting', failing, { log: await log() })
  await expect(failure).rejects.toThrow(/Counting ended with status 3[^]*line 15\n[^]*line 29\n[^]*child\.log/)
  await expect(failure).rejects.not.toThrow(/line 14\n/)
})

test('a program that is not there is an error', async () => {
  await expect(runToEnd('Nothing', { file: 'no-such-program', args: [], endsAt: 'end-of-stdin' }, { log: await log() })).rejects.toThrow('ENOENT')
})
