// Maven is a script here that notes each call; the real one is met by whoever starts the stack on a fresh checkout.

import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloaded, isDownloaded, type DownloadOptions } from '../../../docker/local/download.ts'
import { temporaryDir } from '../../support/stack.ts'

const path = process.env['PATH'] ?? ''
let partsDir: string
let calls: string
let options: DownloadOptions
let said: string[]

async function maven (script: string): Promise<void> {
  const bin = join(partsDir, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'mvn'), `#!/bin/sh\necho call >> ${calls}\nfor last; do :; done\n${script}\n`)
  await chmod(join(bin, 'mvn'), 0o755)
  process.env['PATH'] = `${bin}${delimiter}${path}`
}

beforeEach(async () => {
  partsDir = await temporaryDir()
  calls = join(partsDir, 'calls')
  said = []
  options = { partsDir, progress: line => said.push(line) }
})
afterEach(() => { process.env['PATH'] = path })

const part = { title: 'Example 1.0', name: 'example-1.0', maven: (dir: string) => [dir] }
const other = { title: 'Example 2.0', name: 'example-2.0', maven: (dir: string) => [dir] }

test('two that need the same part at once fetch it once', async () => {
  await maven('sleep 0.3; echo jar > "$last/a.jar"')
  const dirs = await Promise.all([downloaded(part, options), downloaded(part, options)])
  expect(new Set(dirs)).toEqual(new Set([join(partsDir, 'example-1.0')]))
  expect(await readFile(join(dirs[0], 'a.jar'), 'utf8')).toBe('jar\n')
  expect(await readFile(calls, 'utf8')).toBe('call\n')
  expect(said.join('\n')).toMatch(/Example 1\.0: downloading[^]*downloaded in/)
})

test('parts are fetched one after the other', async () => {
  await maven('test -e "$last/../busy" && exit 9; touch "$last/../busy"; sleep 0.2; rm "$last/../busy"')
  await Promise.all([downloaded(part, options), downloaded(other, options)])
  expect(await readFile(calls, 'utf8')).toBe('call\ncall\n')
})

test('a download that fails says why, and leaves nothing to be taken for the part', async () => {
  await maven('echo half > "$last/a.jar"; echo "[ERROR] no route to Maven Central"; exit 1')
  await expect(downloaded(part, options)).rejects.toThrow(/Downloading Example 1\.0 ended with status 1[^]*no route to Maven Central/)
  expect(await isDownloaded(part, partsDir)).toBe(false)
  await maven('echo jar > "$last/a.jar"')
  await downloaded(part, options)
  expect(await isDownloaded(part, partsDir)).toBe(true)
})

test('what a killed download left is removed by the next', async () => {
  await mkdir(join(partsDir, '.arriving-left'), { recursive: true })
  await maven('true')
  await downloaded(part, options)
  expect((await readdir(partsDir)).filter(name => name.startsWith('.arriving'))).toEqual([])
})

test('a download can be given up', async () => {
  await maven('sleep 60')
  const stopping = new AbortController()
  const giveUp = downloaded(part, { ...options, signal: stopping.signal, progress: () => stopping.abort(new Error('never mind')) })
  await expect(giveUp).rejects.toThrow('never mind')
  expect(await isDownloaded(part, partsDir)).toBe(false)
})
