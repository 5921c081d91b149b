// The records of one partition in a file: a line of JSON a record, under gzip.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Transform, type TransformCallback } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip, createGzip, type Gzip } from 'node:zlib'
import type { Headers, LogRecord } from '../runtime/log.ts'
import type { Instant } from '../../schemas/units.ts'

type Line = {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  /** One character a byte. */
  readonly headers: Readonly<Record<string, string>>
}

const headerNames = ['origin', 'command', 'control'] as const

function lineOf ({ offset, timestamp, key, value, headers }: LogRecord): Line {
  const named = headerNames.flatMap(name => {
    const header = headers[name]
    return header === undefined ? [] : [[name, header.toString('latin1')] as const]
  })
  return {
    offset,
    timestamp,
    key: key?.toString() ?? null,
    value: value?.toString('base64') ?? null,
    headers: Object.fromEntries(named)
  }
}

function recordOf ({ offset, timestamp, key, value, headers }: Line): LogRecord {
  const read: { -readonly [Name in keyof Headers]: Buffer } = {}
  for (const name of headerNames) {
    const header = headers[name]
    if (header !== undefined) read[name] = Buffer.from(header, 'latin1')
  }
  return {
    offset,
    timestamp: timestamp as Instant,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value, 'base64'),
    headers: read
  }
}

/** Hashes what passes through. */
class Hashing extends Transform {
  readonly #hash = createHash('sha256')

  override _transform (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk)
    done(null, chunk)
  }

  digest (): string {
    return this.#hash.digest('hex')
  }
}

/** Opened by its first record. */
export class ArchiveWriter {
  readonly file: string
  records = 0
  readonly #hashing = new Hashing()
  #gzip: Gzip | undefined
  #written: Promise<void> = Promise.resolve()

  constructor (file: string) {
    this.file = file
  }

  async write (records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return
    const gzip = this.#gzip ??= this.#open()
    this.records += records.length
    const text = records.map(record => `${JSON.stringify(lineOf(record))}\n`).join('')
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), this.#written])
  }

  #open (): Gzip {
    const gzip = createGzip({ level: 1 })
    const file = createWriteStream(this.file, { flags: 'wx' })
    gzip.pipe(this.#hashing).pipe(file)
    this.#written = finished(file)
    this.#written.catch(() => {}) // It is met at the next write, or at the close.
    return gzip
  }

  /** Resolves once all of it is on the disk, with its SHA-256. */
  async close (): Promise<string> {
    if (this.#gzip === undefined) return ''
    this.#gzip.end()
    await this.#written
    const handle = await open(this.file)
    await handle.sync()
    await handle.close()
    return this.#hashing.digest()
  }
}

/** So many at a time, in their order. */
export async function * readArchive (file: string, atOnce = 1000): AsyncGenerator<LogRecord[]> {
  let batch: LogRecord[] = []
  const source = createReadStream(file)
  const gunzip = createGunzip()
  source.on('error', error => gunzip.destroy(error)).pipe(gunzip)
  for await (const line of createInterface({ input: gunzip, crlfDelay: Number.POSITIVE_INFINITY })) {
    batch.push(recordOf(JSON.parse(line) as Line))
    if (batch.length < atOnce) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
