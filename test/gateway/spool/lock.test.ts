import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lock } from '../../../gateway/spool/lock.ts'
import { newFolder } from './folder.ts'

async function living (): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => { child.kill('SIGKILL') })
  await once(child.stdout, 'data')
  return child.pid!
}

test('a folder has one owner, until it gives it back', () => {
  const folder = newFolder()
  const unlock = lock(folder)
  expect(() => lock(folder)).toThrow('in use by this process')
  unlock()
  unlock()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  lock(folder)()
})

test('a living process is not robbed', async () => {
  const folder = newFolder()
  const pid = await living()
  writeFileSync(join(folder, 'lock'), `${pid}\n`)
  expect(() => lock(folder)).toThrow(`in use by process ${pid}`)
  expect(readFileSync(join(folder, 'lock'), 'latin1')).toBe(`${pid}\n`)
})

test('what a dead process left is taken over, and so is a number that is another\'s by now', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'close')
  const stale = [`${child.pid!} 1`, `${process.pid} 1`, 'nonsense', '', `${await living()} 1`]
  for (const content of existsSync('/proc/self/stat') ? stale : stale.slice(0, 4)) {
    const folder = newFolder()
    writeFileSync(join(folder, 'lock'), `${content}\n`)
    const unlock = lock(folder)
    expect(readFileSync(join(folder, 'lock'), 'latin1')).toMatch(new RegExp(`^${process.pid} `))
    unlock()
  }
})
