import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { classArchive, type Java } from '../../../docker/local/java.ts'
import { temporaryDir } from '../../support/stack.ts'

const java: Java = { program: 'java', keytool: 'keytool', version: '17.0.1' }

const writing = (flags: string[]) => flags.find(flag => flag.startsWith('-XX:ArchiveClassesAtExit='))?.split('=')[1]
const using = (flags: string[]) => flags.find(flag => flag.startsWith('-XX:SharedArchiveFile='))?.split('=')[1]

test('a class archive is used only once it has been written to its end', async () => {
  const partsDir = await temporaryDir()
  const archive = classArchive(partsDir, 'example-1.0', java)
  const written = writing(await archive.flags())
  await mkdir(join(partsDir, 'class-archives'), { recursive: true })
  await writeFile(written!, 'half of an archi')
  expect(using(await archive.flags())).toBeUndefined()
  await writeFile(written!, 'an archive')
  await archive.keep()
  expect(using(await archive.flags())).toContain('example-1.0-java-17.0.1.jsa')
  expect(writing(await archive.flags())).toBeUndefined()
})

test('another Java has another archive', async () => {
  const partsDir = await temporaryDir()
  const archive = classArchive(partsDir, 'example-1.0', java)
  await writeFile(writing(await archive.flags())!, 'an archive')
  await archive.keep()
  expect(using(await classArchive(partsDir, 'example-1.0', { ...java, version: '25' }).flags())).toBeUndefined()
})

test('an archive that may be damaged is removed once, then there is nothing to mend', async () => {
  const partsDir = await temporaryDir()
  const archive = classArchive(partsDir, 'example-1.0', java)
  await writeFile(writing(await archive.flags())!, 'damaged')
  await archive.keep()
  expect(await archive.discard()).toBe(true)
  expect(await archive.discard()).toBe(false)
  expect(await readdir(join(partsDir, 'class-archives'))).toEqual([])
})
