import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptSecret } from '../../pipelines/kept-secret.ts'
import { temporaryDir } from '../support/stack.ts'

test('a secret is made once, and only its owner reads it', async () => {
  const file = join(await temporaryDir(), 'market', 'secret')
  let made = 0
  const make = (): string => `local:${++made}`
  expect(await keptSecret(file, make)).toBe('local:1')
  expect(await keptSecret(file, make)).toBe('local:1')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a folder that can\'t be made is told', async () => {
  const file = join(await temporaryDir(), 'file')
  await writeFile(file, '')
  await expect(keptSecret(join(file, 'secret'), () => 'x')).rejects.toThrow(/EEXIST|ENOTDIR/)
})
