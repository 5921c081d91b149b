import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { tryLock, waitForLock, type Lock } from '../../../docker/local/lock.ts'
import { temporaryDir } from '../../support/stack.ts'

const lockFile = async () => join(await temporaryDir(), 'deep', 'lock')
const module = join(import.meta.dirname, '../../../docker/local/lock.ts')

/** Another process that tries to take the lock, says what came of it and waits. */
async function otherHolder (file: string) {
  const script = `import { tryLock } from '${module}'\nconsole.log(JSON.stringify(await tryLock('${file}')))\nsetInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => { other.kill('SIGKILL') })
  const [outcome] = await once(other.stdout, 'data') as [Buffer]
  return { process: other, outcome: JSON.parse(outcome.toString()) as { heldBy?: number } }
}

test('one holder at a time, also within a process', async () => {
  const file = await lockFile()
  const first = await tryLock(file) as Lock
  expect(await tryLock(file)).toEqual({ heldBy: process.pid })
  await first.release()
  expect(await tryLock(file)).toHaveProperty('release')
})

test('a process that holds it is named; once it is killed the lock is free', async () => {
  const file = await lockFile()
  const { process: other } = await otherHolder(file)
  expect(await tryLock(file)).toEqual({ heldBy: other.pid })
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(await tryLock(file)).toHaveProperty('release')
})

test('the id of a holder that is gone may belong to another process by now', async () => {
  const file = await lockFile()
  await (await tryLock(file) as Lock).release()
  await writeFile(file, `${process.ppid} 1`)
  expect(await tryLock(file)).toHaveProperty('release')
})

test('of many that find a stale lock one gets it', async () => {
  const file = await lockFile()
  await (await tryLock(file) as Lock).release()
  await writeFile(file, '999999999 1')
  const others = await Promise.all(Array.from({ length: 4 }, async () => await otherHolder(file)))
  const winners = others.filter(({ outcome }) => outcome.heldBy === undefined)
  expect(winners).toHaveLength(1)
  const winner = winners[0]!.process.pid
  expect(new Set(others.map(({ outcome }) => outcome.heldBy))).toEqual(new Set([undefined, winner]))
  expect((await readFile(file, 'utf8')).split(' ')[0]).toBe(String(winner))
})

test('who waits gets it when it is let go', async () => {
  const file = await lockFile()
  const first = await tryLock(file) as Lock
  const waitedFor: number[] = []
  const second = waitForLock(file, { waiting: pid => waitedFor.push(pid) })
  await expect.poll(() => waitedFor).toEqual([process.pid])
  await first.release()
  await (await second).release()
})
