import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const follow = "(await import('./pipelines/process/parent.ts')).endWithParent(); setInterval(() => {}, 1000);"

/** How it ended once whoever started it had gone, with all that they shared, when the child asked for that. */
async function endOf (script: string): Promise<NodeJS.Signals | null> {
  const args = ['--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  await once(child, 'message')
  child.stdout!.destroy()
  child.disconnect()
  await once(child, 'exit')
  return child.signalCode
}

test('a process ends with whoever started it', async () => {
  expect(await endOf(`${follow} process.send('go')`)).toBe('SIGKILL')
})

test('a process ends also where that one had gone before it could listen', async () => {
  const gone = "const gone = new Promise(resolve => process.once('disconnect', resolve)); process.send('go'); await gone;"
  expect(await endOf(`${gone} ${follow}`)).toBe('SIGKILL')
})

test('a process ends also in the midst of what it has to log', async () => {
  const log = "const log = (await import('pino')).pino(); setInterval(() => { for (let n = 0; n < 100; n++) log.info('x'.repeat(10_000)) }, 1);"
  expect(await endOf(`${follow} ${log} process.send('go')`)).toBe('SIGKILL')
})
