import { describe, expect, test } from 'vitest'
import { readConfig } from '../../../pipelines/runtime/config.ts'

const least = { KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://b:8081', CLICKHOUSE_URL: 'http://c:8123' }

describe('the least that has to be said', () => {
  test('is where the three parts are', () => {
    expect(readConfig(least)).toEqual({
      kafka: { brokers: ['a:9092'], replicationFactor: 1 },
      registry: { url: 'http://b:8081' },
      clickhouse: { url: 'http://c:8123', username: 'default', password: '', database: 'market' },
      topicPrefix: '',
      logLevel: 'info'
    })
  })

  test.each(Object.keys(least))('names %s where it is missing', name => {
    expect(() => readConfig({ ...least, [name]: undefined })).toThrow(name)
  })

  test('names all that is missing at once, and what to do', () => {
    expect(() => readConfig({})).toThrow(/KAFKA_BROKERS.*SCHEMA_REGISTRY_URL.*CLICKHOUSE_URL.*npm start/)
  })
})

test.each([
  ['KAFKA_BROKERS', ''],
  ['KAFKA_TLS', 'perhaps'],
  ['KAFKA_SASL_MECHANISM', 'gssapi'],
  ['KAFKA_REPLICATION_FACTOR', '0'],
  ['KAFKA_REPLICATION_FACTOR', '2.5'],
  ['KAFKA_REPLICATION_FACTOR', 'three'],
  ['SCHEMA_REGISTRY_URL', 'localhost'],
  ['CLICKHOUSE_URL', ''],
  ['CLICKHOUSE_DATABASE', 'market; DROP TABLE fills'],
  ['TOPIC_PREFIX', 'a b'],
  ['LOG_LEVEL', 'loud']
])('%s=%j is refused by name', (name, value) => {
  expect(() => readConfig({ ...least, [name]: value })).toThrow(`${name}: `)
})

describe('access', () => {
  test('to brokers is by password where a mechanism is named, and needs both of its halves', () => {
    const sasl = { ...least, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }
    expect(readConfig(sasl).kafka.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'u', password: 'p' })
    expect(() => readConfig({ ...sasl, KAFKA_SASL_PASSWORD: undefined })).toThrow('KAFKA_SASL_PASSWORD')
    expect(() => readConfig({ ...sasl, KAFKA_SASL_USERNAME: undefined })).toThrow('KAFKA_SASL_USERNAME')
    expect(readConfig({ ...sasl, KAFKA_SASL_MECHANISM: undefined }).kafka.sasl).toBeUndefined()
  })

  test('to brokers is by TLS where it is asked for, with an authority of one\'s own or the public ones', () => {
    expect(readConfig({ ...least, KAFKA_TLS: 'true' }).kafka.tls).toEqual({})
    expect(readConfig({ ...least, KAFKA_TLS_CA: '/ca.pem' }).kafka.tls).toEqual({ caFile: '/ca.pem' })
    expect(readConfig({ ...least, KAFKA_TLS: 'false' }).kafka.tls).toBeUndefined()
  })

  test('to the registry and to ClickHouse is passed on', () => {
    const config = readConfig({
      ...least, SCHEMA_REGISTRY_USERNAME: 'r', SCHEMA_REGISTRY_PASSWORD: 's', CLICKHOUSE_USERNAME: 'u', CLICKHOUSE_PASSWORD: 'p', CLICKHOUSE_DATABASE: 'other'
    })
    expect(config.registry).toEqual({ url: 'http://b:8081', username: 'r', password: 's' })
    expect(config.clickhouse).toEqual({ url: 'http://c:8123', username: 'u', password: 'p', database: 'other' })
  })
})

test('several brokers are told apart by commas', () => {
  expect(readConfig({ ...least, KAFKA_BROKERS: 'a:1, b:2,c:3' }).kafka.brokers).toEqual(['a:1', 'b:2', 'c:3'])
})

test('no message shows a password', () => {
  const secret = 'hunter2'
  const wrong = { ...least, LOG_LEVEL: 'loud', KAFKA_SASL_PASSWORD: secret, SCHEMA_REGISTRY_PASSWORD: secret, CLICKHOUSE_PASSWORD: secret }
  for (const env of [wrong, { ...wrong, LOG_LEVEL: 'info', KAFKA_SASL_MECHANISM: 'plain' }]) {
    const message = expect.not.stringContaining(secret) as string
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ message }) as Error)
  }
})
