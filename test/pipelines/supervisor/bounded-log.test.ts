import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BoundedLog } from '../../../pipelines/supervisor/bounded-log.ts'
import { temporaryDir } from '../../support/stack.ts'

test('a log is set aside when it is long, and at a start', async () => {
  const path = join(await temporaryDir(), 'logs', 'child.log')
  const log = new BoundedLog(path, 100)
  for (let count = 0; count < 30; count++) log.write(Buffer.from(`line ${String(count).padStart(4, '0')}\n`))
  log.close()
  const [now, before] = await Promise.all([readFile(path, 'utf8'), readFile(`${path}.1`, 'utf8')])
  expect(before.length + now.length).toBeLessThan(300)
  expect(now).toMatch(/line 0029\n$/)
  const again = new BoundedLog(path, 100)
  again.write(Buffer.from('new\n'))
  again.close()
  expect([await readFile(path, 'utf8'), await readFile(`${path}.1`, 'utf8')]).toEqual(['new\n', now])
})

test('its last lines are known, the unfinished one too', async () => {
  const log = new BoundedLog(join(await temporaryDir(), 'child.log'))
  for (const part of ['one\ntw', 'o\nthr', 'ee']) log.write(Buffer.from(part))
  expect(log.lastLines).toEqual(['one', 'two', 'three'])
  for (let count = 0; count < 100; count++) log.write(Buffer.from(`${count}\n`))
  expect(log.lastLines.at(-1)).toBe('99')
  expect(log.lastLines).toHaveLength(15)
  log.close()
})

test('a file that can not be written costs lines, nothing else', async () => {
  const path = join(await temporaryDir(), 'child.log')
  await Promise.all([path, `${path}.1/full`].map(dir => mkdir(dir, { recursive: true })))
  const log = new BoundedLog(path)
  log.write(Buffer.from('lost\n'))
  log.write(Buffer.from('lost too\n'))
  log.close()
  expect(log.lastLines).toEqual(['lost', 'lost too'])
  expect((await stat(path)).isDirectory()).toBe(true)
})
