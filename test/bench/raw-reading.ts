// A process that reads topics with kafkajs alone and says how long it took, from when it had its partitions; once for
// each time that it is told:
//   node test/bench/raw-reading.ts

import { pino } from 'pino'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { connect } from '../../pipelines/runtime/kafka/client.ts'
import { RawConsumer } from './raw.ts'

export type ReadRound = { readonly topics: readonly string[], readonly count: number }

async function read ({ topics, count }: ReadRound): Promise<number> {
  const consumer = await RawConsumer.open(kafka, topics)
  const began = performance.now()
  await consumer.until(count)
  const seconds = (performance.now() - began) / 1000
  await consumer.close()
  return seconds
}

process.once('disconnect', () => process.exit())
const kafka = connect(readConfig(process.env).kafka, `bench-raw-${process.pid}`, pino({ level: 'silent' }))
process.on('message', (round: ReadRound) => {
  read(round).then(seconds => process.send?.(seconds), (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.send?.('ready')
