// A process that reads topics with kafkajs alone and says when it has read so many records:
//   node test/bench/raw-consumer.ts COUNT TOPIC...

import { pino } from 'pino'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { connect } from '../../pipelines/runtime/kafka/client.ts'
import { RawConsumer } from './raw.ts'

process.once('disconnect', () => process.exit(1))
const [count, ...topics] = process.argv.slice(2)
const kafka = connect(readConfig(process.env).kafka, `bench-raw-${process.pid}`, pino({ level: 'silent' }))
const consumer = await RawConsumer.open(kafka, topics)
process.send?.('reading')
await consumer.until(Number(count))
process.send?.('done')
await consumer.close()
process.disconnect()
