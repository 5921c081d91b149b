import { expect, test } from 'vitest'
import { environmentFor, givenBy } from '../../../docker/local/environment.ts'

test('a part is given by its address, with whatever else is said of it', () => {
  const environment = { KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092', KAFKA_TLS: 'true', CLICKHOUSE_PASSWORD: 'secret', PATH: '/bin' }
  expect(givenBy(environment)).toEqual({ kafka: { KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092', KAFKA_TLS: 'true' } })
})

test('an empty address is none', () => {
  expect(givenBy({ CLICKHOUSE_URL: '' })).toEqual({})
})

test('credentials meant for other servers do not reach the local ones', () => {
  const base = { PATH: '/bin', KAFKA_SASL_USERNAME: 'elsewhere', CLICKHOUSE_URL: '' }
  expect(environmentFor({ KAFKA_BROKERS: '127.0.0.1:20001' }, base)).toEqual({ PATH: '/bin', KAFKA_BROKERS: '127.0.0.1:20001' })
})
