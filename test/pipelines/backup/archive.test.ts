import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ArchiveWriter, readArchive } from '../../../pipelines/backup/archive.ts'
import type { LogRecord } from '../../../pipelines/runtime/log.ts'
import type { Instant } from '../../../schemas/units.ts'

async function folder (): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function batchesOf (file: string, atOnce?: number): Promise<LogRecord[][]> {
  const batches: LogRecord[][] = []
  for await (const batch of readArchive(file, atOnce)) batches.push(batch)
  return batches
}

function recordOf (offset: number): LogRecord {
  const bytes = Buffer.from([0, 255, 10, 13, offset % 256])
  const headers = [{}, { origin: bytes }, { command: bytes, control: Buffer.alloc(0) }][offset % 3]!
  return {
    offset,
    timestamp: 1_700_000_000_000 + offset as Instant,
    key: offset % 2 === 0 ? null : Buffer.from(`"key" ${offset} ✓`),
    value: offset % 5 === 0 ? null : bytes,
    headers
  }
}

test('what was written is read again, byte by byte, in batches of the asked length', async () => {
  const writer = new ArchiveWriter(join(await folder(), 'topic-1.0.jsonl.gz'))
  const records = Array.from({ length: 25 }, (_, index) => recordOf(100 + index))
  await writer.write(records.slice(0, 7))
  await writer.write([])
  await writer.write(records.slice(7))
  const sha256 = await writer.close()
  expect(writer.records).toBe(25)
  expect(sha256).toBe(createHash('sha256').update(await readFile(writer.file)).digest('hex'))
  const batches = await batchesOf(writer.file, 10)
  expect(batches.map(({ length }) => length)).toEqual([10, 10, 5])
  expect(batches.flat()).toEqual(records)
})

test('a partition without a record makes no file', async () => {
  const writer = new ArchiveWriter(join(await folder(), 'empty.jsonl.gz'))
  expect(await writer.close()).toBe('')
  await expect(readFile(writer.file)).rejects.toThrow('ENOENT')
})

test('a file that is there is not written over', async () => {
  const file = join(await folder(), 'twice.jsonl.gz')
  const [first, second] = [new ArchiveWriter(file), new ArchiveWriter(file)]
  await first.write([recordOf(1)])
  await first.close()
  await second.write([recordOf(2)])
  await expect(second.close()).rejects.toThrow('EEXIST')
})

test('a file that is cut off is not read to an end', async () => {
  const writer = new ArchiveWriter(join(await folder(), 'cut.jsonl.gz'))
  await writer.write(Array.from({ length: 1000 }, (_, index) => recordOf(index)))
  await writer.close()
  const bytes = await readFile(writer.file)
  await writeFile(writer.file, bytes.subarray(0, bytes.length / 2))
  await expect(batchesOf(writer.file)).rejects.toThrow('unexpected end of file')
})
