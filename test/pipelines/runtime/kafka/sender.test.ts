// K1 and K2 of pipelines/runtime/README.md, on a producer that writes down what it is told; the real one is in
// test/integration/runtime.stack.test.ts.

import type { Kafka, Message, ProducerBatch } from 'kafkajs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sender } from '../../../../pipelines/runtime/kafka/sender.ts'
import type { Outgoing } from '../../../../pipelines/runtime/log.ts'
import type { Instant } from '../../../../schemas/units.ts'

type Sent = { topic: string, messages: Message[] }[]

type FakeBroker = {
  readonly kafka: Kafka
  readonly sends: Sent[]
  /** What each producer was told, in order. */
  readonly producers: string[][]
  readonly underWayMax: () => number
}

/** Fails the sends whose number, counted from 1 over all producers, is named. */
function brokerThatFails (...failing: number[]): FakeBroker {
  const sends: Sent[] = []
  const producers: string[][] = []
  let [count, underWay, most] = [0, 0, 0]
  const producer = () => {
    const deeds: string[] = []
    producers.push(deeds)
    return {
      connect: () => Promise.resolve(deeds.push('connect')),
      disconnect: () => Promise.resolve(deeds.push('disconnect')),
      sendBatch: async ({ topicMessages }: ProducerBatch) => {
        most = Math.max(most, ++underWay)
        await new Promise(resolve => setImmediate(resolve))
        underWay--
        deeds.push('send')
        if (failing.includes(++count)) throw new Error(`send ${count} was lost`)
        sends.push(topicMessages as Sent)
      }
    }
  }
  return { kafka: { producer } as unknown as Kafka, sends, producers, underWayMax: () => most }
}

const record = (topic: string, partition: number, key: string, size = 10): Outgoing =>
  ({ topic, partition, key, value: Buffer.alloc(size), headers: {}, timestamp: 5 as Instant })

const keysOf = (sends: readonly Sent[], topic: string, partition: number): unknown[] =>
  sends.flatMap(send => send.filter(part => part.topic === topic).flatMap(({ messages }) => messages))
    .filter(message => message.partition === partition).map(({ key }) => key)

/** Of one send, by topic and partition. */
function parts (send: Sent): { messages: number, bytes: number }[] {
  const all = send.flatMap(({ topic, messages }) => messages.map(({ partition, value }) => {
    return { place: `${topic}/${partition ?? ''}`, bytes: value?.length ?? 0 }
  }))
  return Object.values(Object.groupBy(all, ({ place }) => place)).map((group = []) => {
    return { messages: group.length, bytes: group.reduce((sum, { bytes }) => sum + bytes, 0) }
  })
}

describe('a sender', () => {
  test('sends one thing at a time, and waits for its acknowledgement (K1)', async () => {
    const broker = brokerThatFails()
    const sender = new Sender(broker.kafka)
    await Promise.all(Array.from({ length: 20 }, (_, index) => sender.send([record('a', 0, String(index))])))
    expect(broker.underWayMax()).toBe(1)
    expect(keysOf(broker.sends, 'a', 0)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
    expect(broker.producers).toHaveLength(1)
  })

  test('batches what waits behind a send', async () => {
    const broker = brokerThatFails()
    const sender = new Sender(broker.kafka)
    await Promise.all(Array.from({ length: 50 }, (_, index) => sender.send([record('a', index % 3, String(index))])))
    expect(broker.sends.length).toBeLessThanOrEqual(2)
  })

  test('splits at 1,000 records and 900 kB a partition, and keeps the order (K2)', async () => {
    const records = fc.array(fc.record({
      topic: fc.constantFrom('a', 'b'),
      partition: fc.nat(2),
      size: fc.constantFrom(0, 10, 5000, 200_000, 950_000),
      count: fc.constantFrom(1, 1, 3, 700, 1500)
    }).filter(({ size, count }) => size * count < 3_000_000), { minLength: 1, maxLength: 8 })
    await fc.assert(fc.asyncProperty(records, fc.integer({ min: 1, max: 4 }), async (given, entries) => {
      const broker = brokerThatFails()
      const sender = new Sender(broker.kafka)
      const all = given.flatMap(({ topic, partition, size, count }, group) =>
        Array.from({ length: count }, (_, index) => record(topic, partition, `${group}.${index}`, size)))
      const per = Math.ceil(all.length / entries)
      const slices = Array.from({ length: entries }, (_, entry) => all.slice(entry * per, (entry + 1) * per))
      await Promise.all(slices.map(slice => sender.send(slice)))
      for (const { messages, bytes } of broker.sends.flatMap(parts)) {
        expect(messages).toBeLessThanOrEqual(1000)
        if (messages > 1) expect(bytes).toBeLessThanOrEqual(900_000)
      }
      for (const topic of ['a', 'b']) {
        for (const partition of [0, 1, 2]) {
          const expected = all.filter(one => one.topic === topic && one.partition === partition).map(({ key }) => key)
          expect(keysOf(broker.sends, topic, partition)).toEqual(expected)
        }
      }
    }), { seed: 1, numRuns: 40 })
  })

  test('sends a record that is larger than a send may be, alone', async () => {
    const broker = brokerThatFails()
    await new Sender(broker.kafka).send([record('a', 0, '1', 2_000_000), record('a', 0, '2')])
    expect(broker.sends.map(send => parts(send)[0]!.messages)).toEqual([1, 1])
  })

  test('passes on partition, key, headers and time', async () => {
    const broker = brokerThatFails()
    const headers = { origin: Buffer.from('o') }
    await new Sender(broker.kafka).send([{ ...record('a', 2, 'k'), headers, value: null }])
    expect(broker.sends[0]).toEqual([{ topic: 'a', messages: [{ key: 'k', value: null, partition: 2, timestamp: '5', headers }] }])
  })

  test('sends nothing at all for nothing', async () => {
    const broker = brokerThatFails()
    await new Sender(broker.kafka).send([])
    expect(broker.producers).toEqual([])
  })
})

describe('after a rejection (K1)', () => {
  test('all that waited is rejected too, and none of it is sent', async () => {
    const broker = brokerThatFails(2)
    const sender = new Sender(broker.kafka)
    await sender.send([record('a', 0, '1')])
    const waiting = await Promise.allSettled(['2', '3', '4'].map(key => sender.send([record('a', 0, key)])))
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(keysOf(broker.sends, 'a', 0)).toEqual(['1'])
  })

  test('the producer is never used again', async () => {
    const broker = brokerThatFails(1)
    const sender = new Sender(broker.kafka)
    await expect(sender.send([record('a', 0, '1')])).rejects.toThrow('send 1 was lost')
    await sender.send([record('a', 0, '2')])
    expect(broker.producers).toEqual([['connect', 'send', 'disconnect'], ['connect', 'send']])
    expect(keysOf(broker.sends, 'a', 0)).toEqual(['2'])
  })

  test('an entry that was sent in part is rejected whole', async () => {
    const broker = brokerThatFails(2)
    const sender = new Sender(broker.kafka)
    const entry = Array.from({ length: 2500 }, (_, index) => record('a', 0, String(index)))
    await expect(sender.send(entry)).rejects.toThrow('send 2 was lost')
    await sender.send([record('a', 0, 'next')])
    expect(keysOf(broker.sends, 'a', 0)).toHaveLength(1001)
    expect(keysOf(broker.sends, 'a', 0).at(-1)).toBe('next')
  })

  test('closing lets go of the producer', async () => {
    const broker = brokerThatFails()
    const sender = new Sender(broker.kafka)
    await sender.send([record('a', 0, '1')])
    await sender.close()
    expect(broker.producers).toEqual([['connect', 'send', 'disconnect']])
  })
})
