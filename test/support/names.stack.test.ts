import { afterAll, expect, test, vi } from 'vitest'
import { clickHouseClient, kafkaClient, stackEnv, testDatabase, topicPrefix } from './stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const client = clickHouseClient(stackEnv(), database)
afterAll(async () => await client.close())

test('a test has a database of its own', async () => {
  await client.command({ query: 'CREATE TABLE own (a UInt64) ENGINE = MergeTree ORDER BY a' })
  await client.insert({ table: 'own', format: 'JSONEachRow', values: [{ a: '18446744073709551615' }] })
  const rows = await client.query({ query: 'SELECT a, currentDatabase() AS db FROM own', format: 'JSONEachRow' })
  expect(await rows.json()).toEqual([{ a: '18446744073709551615', db: database }])
})

test('a test has topics of its own, and none are made by accident', async () => {
  const admin = (await kafkaClient(stackEnv(), { retry: { retries: 2 } })).admin()
  await admin.connect()
  try {
    await admin.createTopics({ topics: [{ topic: `${prefix}orders`, numPartitions: 3 }], waitForLeaders: false })
    // A broker tells of a topic a moment after it has taken it.
    await vi.waitFor(async () => {
      const mine = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
      expect(mine).toEqual([`${prefix}orders`])
    }, { timeout: 20_000, interval: 50 })
    await expect(admin.fetchTopicOffsets(`${prefix}misspelt`)).rejects.toThrow()
  } finally {
    await admin.disconnect()
  }
})
