import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const parent = join(import.meta.dirname, '../../../pipelines/process/parent.ts')
const follow = `(await import(${JSON.stringify(parent)})).endWithParent(); setInterval(() => {}, 1000);`

/** Its status, once whoever started it has gone when the child asked for that. */
async function endOf (script: string): Promise<number | null> {
  const args = ['--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  child.disconnect()
  await once(child, 'exit')
  return child.exitCode
}

test('a process ends with whoever started it', async () => {
  expect(await endOf(`${follow} process.send('go')`)).toBe(1)
})

test('a process ends also where that one had gone before it could listen', async () => {
  const gone = "const gone = new Promise(resolve => process.once('disconnect', resolve)); process.send('go'); await gone;"
  expect(await endOf(`${gone} ${follow}`)).toBe(1)
})
