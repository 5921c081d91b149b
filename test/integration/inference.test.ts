// The short form of `npm run soak -- --only inference`: more requests at once than there are tokens for, over two
// gateways of which one is killed; and a look at all that is written down: no key and no prompt is in it.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../schemas/topics.ts'
import { valuesOf } from '../soak/inference/books.ts'
import { soakInference } from '../soak/inference/soak.ts'
import type { InferenceMarket } from '../support/inference.ts'
import { stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const marker = 'xylophone-7181'

test('no more is drawn than there was, each answer is billed once, and nothing private is written down', async () => {
  const dir = await temporaryDir()
  let records = 0
  const found: string[] = []

  /** In logs, on topics, and in what waited on disk; and what a gateway refuses before it looks at anything. */
  async function look ({ context, key, url }: InferenceMarket): Promise<void> {
    const long = await fetch(`${url}/v1/models`, { headers: { 'x-long': 'x'.repeat(17 * 1024) } })
    expect(long.status).toBe(431)
    for (const path of ['/v1/chat/completions', '/r/v1/chat/completions']) {
      const asked = { origin: 'https://page.example', 'access-control-request-headers': 'authorization' }
      const { status, headers } = await fetch(url + path, { method: 'OPTIONS', headers: asked })
      expect({ status, allowed: headers.get('access-control-allow-headers') }).toEqual({ status: 204, allowed: 'authorization' })
    }
    const search = (where: string, bytes: Buffer): void => {
      for (const secret of [marker, key]) if (bytes.includes(secret)) found.push(`${secret} in ${where}`)
    }
    for (const topic of Object.values(topics)) {
      const values = await valuesOf(context, topic)
      records += values.length
      values.forEach(value => { search(topic.name, value) })
    }
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) search(file.name, await readFile(join(file.parentPath, file.name)))
    }
  }

  const affordable = 20
  const soak = await soakInference({
    env: { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'info' },
    dir,
    gateways: 2,
    requests: 400,
    affordable,
    kills: true,
    marker,
    say: () => {},
    look
  })
  expect(soak.faults).toEqual([])
  expect(soak.served).toBeGreaterThanOrEqual(affordable / 4)
  expect(soak.books.captured + soak.books.open).toBe(affordable)
  expect(soak.cut + soak.served).toBeLessThanOrEqual(affordable)
  expect(soak.refused).toBeGreaterThanOrEqual(400 - affordable)
  expect(soak.againMs).not.toBeNull()
  expect(soak.freeLater).toBe(1_000_000 - soak.books.drawn)
  expect(records).toBeGreaterThan(1000)
  expect(found).toEqual([])
}, 120_000)
