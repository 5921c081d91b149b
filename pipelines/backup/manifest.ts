// What a backup says of itself. It is written last: a folder without it is no backup.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'

const whole = z.number().int().min(0)

const schemaCopy = z.strictObject({
  subject: z.string(),
  id: whole,
  schema: z.string(),
  schemaType: z.string(),
  compatibility: z.string()
})

const partitionCopy = z.strictObject({
  topic: z.string(),
  partition: whole,
  start: whole,
  end: whole,
  records: whole,
  /** Null where it holds no record. */
  file: z.string().regex(/^[\w.-]+$/).nullable(),
  sha256: z.string()
})

const manifest = z.strictObject({
  form: z.literal(1),
  takenAt: z.string(),
  topicPrefix: z.string(),
  schemas: z.array(schemaCopy),
  partitions: z.array(partitionCopy)
})

export type SchemaCopy = Readonly<z.output<typeof schemaCopy>>
export type PartitionCopy = Readonly<z.output<typeof partitionCopy>>
export type Manifest = Readonly<z.output<typeof manifest>>

const name = 'manifest.json'

export async function writeManifest (dir: string, content: Manifest): Promise<void> {
  const unfinished = join(dir, `${name}.unfinished`)
  await writeFile(unfinished, `${JSON.stringify(content, null, 1)}\n`, { flush: true })
  await rename(unfinished, join(dir, name))
}

/** Throws where it is not there, or where a file is not what it says. */
export async function readManifest (dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, name), 'utf8').catch((cause: unknown) => {
    throw new Error(`${dir} holds no backup: ${name} can not be read, and it is written last.`, { cause })
  })
  const read = manifest.safeParse(JSON.parse(text))
  if (!read.success) throw new Error(`${join(dir, name)} is none that this release reads: ${z.prettifyError(read.error)}`)
  for (const { file, sha256 } of read.data.partitions) {
    if (file === null) continue
    const found = await hashOf(join(dir, file))
    if (found !== sha256) throw new Error(`${join(dir, file)} is not as it was written: SHA-256 ${found}, not ${sha256}.`)
  }
  return read.data
}

async function hashOf (file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
