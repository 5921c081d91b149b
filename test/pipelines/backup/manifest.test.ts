import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ArchiveWriter } from '../../../pipelines/backup/archive.ts'
import { readManifest, writeManifest, type Manifest } from '../../../pipelines/backup/manifest.ts'
import type { Instant } from '../../../schemas/units.ts'

const file = 'ledger-1.0.jsonl.gz'

async function backup (): Promise<{ dir: string, manifest: Manifest }> {
  const dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const writer = new ArchiveWriter(join(dir, file))
  await writer.write([{ offset: 7, timestamp: 1 as Instant, key: null, value: Buffer.from('value'), headers: {} }])
  const copy = { topic: 'ledger-1', partition: 0, start: 7, end: 8, records: 1, file, sha256: await writer.close() }
  const empty = { topic: 'ledger-1', partition: 1, start: 0, end: 0, records: 0, file: null, sha256: '' }
  const manifest: Manifest = {
    form: 1,
    takenAt: '2026-06-15T12:00:00.000Z',
    topicPrefix: '',
    schemas: [{ subject: 'market.A', id: 1, schema: '{}', schemaType: 'AVRO', compatibility: 'FULL_TRANSITIVE' }],
    partitions: [copy, empty]
  }
  return { dir, manifest }
}

test('a folder is a backup once its manifest is there, and its files are what that says', async () => {
  const { dir, manifest } = await backup()
  await expect(readManifest(dir)).rejects.toThrow('holds no backup')
  await writeManifest(dir, manifest)
  expect(await readManifest(dir)).toEqual(manifest)
})

test('a file that was changed is found out', async () => {
  const { dir, manifest } = await backup()
  await writeManifest(dir, manifest)
  await appendFile(join(dir, file), 'x')
  await expect(readManifest(dir)).rejects.toThrow('is not as it was written')
})

test('what no release of ours wrote is refused', async () => {
  const { dir, manifest } = await backup()
  for (const other of [{ ...manifest, form: 2 }, { ...manifest, partitions: [{ ...manifest.partitions[0], file: '../elsewhere' }] }]) {
    await writeFile(join(dir, 'manifest.json'), JSON.stringify(other))
    await expect(readManifest(dir)).rejects.toThrow('none that this release reads')
  }
})
