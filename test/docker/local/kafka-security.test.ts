import type { EachMessagePayload } from 'kafkajs'
import { expect, test } from 'vitest'
import { ask } from '../../../docker/local/http.ts'
import { jaas } from '../../../docker/local/kafka-security.ts'
import { kafkaClient, ownStack } from '../../support/stack.ts'

const once = { retry: { retries: 0 }, connectionTimeout: 3000, requestTimeout: 3000 }

async function topics (env: Readonly<Record<string, string>>): Promise<string[]> {
  const admin = (await kafkaClient(env, once)).admin()
  try {
    await admin.connect()
    return await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

test('a broker with a password and a certificate lets in who has both, and survives a kill', async () => {
  const stack = await ownStack({ environment: { CLICKHOUSE_URL: 'http://not.needed' }, security: 'sasl_tls' })
  const { env } = stack
  const kafka = await kafkaClient(env)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'secret', numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'secret', messages: [{ value: 'sold' }] })
  await producer.disconnect()

  await stack.kafka!.restart()
  const consumer = kafka.consumer({ groupId: 'readers' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'secret', fromBeginning: true })
  const read = Promise.withResolvers<string | undefined>()
  const eachMessage = async ({ message }: EachMessagePayload) => {
    read.resolve(message.value?.toString())
    await Promise.resolve()
  }
  await consumer.run({ eachMessage })
  expect(await read.promise).toBe('sold')
  await consumer.disconnect()

  // The registry joined with the same credentials: its schemas are in that broker.
  expect((await ask(`${env['SCHEMA_REGISTRY_URL']!}/subjects`))?.status).toBe(200)
  expect(await topics(env)).toContain('kafkasql-journal')

  const { KAFKA_TLS_CA: _, ...withoutAuthority } = env
  const { KAFKA_SASL_USERNAME: __, ...withoutPassword } = env
  await expect(topics({ ...env, KAFKA_SASL_PASSWORD: 'wrong' })).rejects.toThrow(/authentication/i)
  await expect(topics({ ...withoutAuthority, KAFKA_TLS: 'true' })).rejects.toThrow(/self-signed|certificate/i)
  await expect(topics(withoutAuthority)).rejects.toThrow()
  await expect(topics(withoutPassword)).rejects.toThrow()
}, 120_000)

test('a password may hold what ends a quotation', () => {
  expect(jaas({ username: 'market', password: 'a"b\\c' })).toContain('password="a\\"b\\\\c";')
})
