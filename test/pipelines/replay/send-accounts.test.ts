// A flow through the real ledger and the real matching, on a log in memory that is not always kind: it comes to the
// same fills and the same book as without accounts.

import { beforeAll, expect, test } from 'vitest'
import { pino } from 'pino'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { validate as validateLedger } from '../../../pipelines/ledger/validate.ts'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import { matching } from '../../../pipelines/matching/stage.ts'
import { accountPartition } from '../../../pipelines/replay/accounts.ts'
import { flash1Flow } from '../../../pipelines/replay/flash1-flow.ts'
import { sendThroughAccounts } from '../../../pipelines/replay/send-accounts.ts'
import type { Context } from '../../../pipelines/process/context.ts'
import type { Deliver, LogRecord, Outgoing, ReadFrom } from '../../../pipelines/runtime/log.ts'
import { writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Named, Stage } from '../../../pipelines/runtime/stage.ts'
import type { Fill } from '../../../schemas/matching/records.ts'
import { instrumentId, type Instant } from '../../../schemas/units.ts'

const symbol = instrumentId('text-prime')
const index = 1

type Value = Named & Record<string, unknown>

const encode = (value: object): Buffer => Buffer.from(JSON.stringify({ ...value, kind: (value as Named).kind }))
const decode = (value: Buffer): Value => JSON.parse(value.toString()) as Value

/** A stage that works whenever somebody asks how far it is. */
class Worker {
  next = 0
  readonly outputs: Named[] = []
  readonly #log: Market
  readonly #stage: Stage<unknown, Named, Named>
  readonly #partition: number
  readonly #emitted = new Map<string, number>()
  readonly #seen = new Map<string, number>()
  readonly state: unknown

  constructor (log: Market, stage: object, partition: number) {
    this.#log = log
    this.#stage = stage as Stage<unknown, Named, Named>
    this.#partition = partition
    this.state = this.#stage.initial(partition)
  }

  work (): number {
    const records = this.#log.records(this.#stage.reads, this.#partition)
    for (; this.next < records.length; this.next++) this.#take(records[this.next]!)
    return this.next
  }

  #take ({ offset, timestamp, value, headers: { origin } }: LogRecord): void {
    const [source, , , sequence] = /^(.*) (\d+) (\d+) (\d+)$/.exec(origin?.toString() ?? '')?.slice(1) ?? []
    if (source !== undefined) {
      const last = this.#seen.get(source) ?? 0
      if (Number(sequence) <= last) return
      if (Number(sequence) > last + 1) throw new Error(`a record is missing before offset ${offset}`)
      this.#seen.set(source, Number(sequence))
    }
    const position = { at: timestamp, partition: this.#partition, offset, version: this.#stage.version, isLate: false }
    let place = 0
    this.#stage.apply(this.state, decode(value!), position, (topic, partition, key, output) => {
      this.outputs.push(output)
      const counter = `${topic} ${partition}`
      const number = (this.#emitted.get(counter) ?? 0) + 1
      this.#emitted.set(counter, number)
      const source = `${this.#stage.name} t.${this.#stage.reads} ${this.#partition}`
      const origin = writeOrigin({ source, offset, index: place++, sequence: number })
      this.#log.append({ topic: `t.${topic}`, partition, key, value: encode(output), headers: { origin }, timestamp })
    })
  }
}

class Market {
  readonly #partitions = new Map<string, LogRecord[]>()
  readonly #rejections: number[]
  readonly stages = {
    ledger: new Worker(this, ledger(), accountPartition), matching: new Worker(this, matching(), index)
  }

  sends = 0

  /** Rejects these sends; the odd ones after they were taken. */
  constructor (rejections: readonly number[] = []) {
    this.#rejections = [...rejections]
    const flow = flash1Flow({ instrumentId: symbol, limit: 1 })
    const at = { headers: {}, timestamp: flow.startsAt, key: null }
    this.append({ topic: 't.orders', partition: index, value: encode(flow.parameters), ...at })
    const listing = { kind: 'list-instrument', instrumentId: symbol, index, referencePrice: 100 }
    this.append({ topic: 't.ledger', partition: accountPartition, value: encode(listing), ...at })
  }

  records (name: string, partition: number): LogRecord[] {
    const key = `t.${name} ${partition}`
    const records = this.#partitions.get(key) ?? []
    this.#partitions.set(key, records)
    return records
  }

  append ({ topic, partition, value, headers, timestamp }: Outgoing): void {
    const records = this.records(topic.slice(2), partition)
    records.push({ offset: records.length, timestamp, key: null, value, headers })
  }

  send (records: readonly Outgoing[]): Promise<void> {
    const isRejected = this.sends++ === this.#rejections[0]
    if (!isRejected || this.sends % 2 === 0) for (const record of records) this.append(record)
    if (!isRejected) return Promise.resolve()
    this.#rejections.shift()
    return Promise.reject(new Error('the broker went away'))
  }

  extent (topic: string, partition: number) {
    return Promise.resolve({ start: 0, end: this.records(topic.slice(2), partition).length })
  }

  committed (group: 'ledger' | 'matching') {
    const partition = group === 'ledger' ? accountPartition : index
    return Promise.resolve(new Map([[partition, this.stages[group].work()]]))
  }

  read ({ topic, partition, from }: ReadFrom, deliver: Deliver, failed: (error: unknown) => void) {
    deliver(this.records(topic.slice(2), partition).slice(from)).catch(failed)
    return Promise.resolve({ close: () => Promise.resolve() })
  }

  sleep () {
    return Promise.resolve()
  }
}

function contextOf (log: Market): Context {
  return {
    log,
    binder: { current: { encode } },
    topic: (name: string) => `t.${name}`,
    group: (name: string) => name,
    logger: pino({ level: 'silent' })
  } as unknown as Context
}

const limit = 4000
const flow = flash1Flow({ instrumentId: symbol, limit })

const fillsOf = (outputs: readonly Named[]): string[] => outputs.filter(output => output.kind === 'fill')
  .map(output => output as Fill)
  .map(({ sequence, price, quantity, takerSide }) => `${sequence} ${takerSide} ${quantity} at ${price}`)

/** The same without accounts. */
async function bareFills (): Promise<{ fills: string[], resting: number }> {
  const stage = matching()
  const state = stage.initial(index)
  const outputs: Named[] = []
  const position = { partition: index, offset: 0, version: stage.version, isLate: false }
  stage.apply(state, flow.parameters, { ...position, at: flow.startsAt }, () => {})
  for await (const batch of flow.batches(0, 1000)) {
    for (const { command, at } of batch) {
      stage.apply(state, command, { ...position, at }, (_topic, _partition, _key, output) => { outputs.push(output) })
    }
  }
  return { fills: fillsOf(outputs), resting: state.book.count }
}

async function through (market: Market): Promise<Market> {
  await sendThroughAccounts(contextOf(market), { flow, partition: index })
  market.stages.ledger.work()
  return market
}

let market: Market
beforeAll(async () => { market = await through(new Market()) })

type States = { readonly book: { readonly count: number } }

test('a flow through accounts trades as it does without them, and nothing is made or lost', async () => {
  const { stages } = market
  const bare = await bareFills()
  expect(bare.fills.length).toBeGreaterThan(100)
  expect(fillsOf(stages.matching.outputs)).toEqual(bare.fills)
  expect((stages.matching.state as States).book.count).toBe(bare.resting)
  const state = stages.ledger.state as Parameters<typeof validateLedger>[0]
  validateLedger(state)
  for (const { sum, accounts } of conservation(state)) expect([sum, accounts.in_transit ?? 0n]).toEqual([0n, 0n])
})

test('places, cancels and amends all go through the ledger', () => {
  const { stages } = market
  const count = (kind: string) => stages.ledger.outputs.filter(output => output.kind === kind).length
  expect(Math.min(...['place-order', 'cancel-order', 'amend-order'].map(count))).toBeGreaterThan(300)
  // Races: what the ledger still held for was gone when matching came to it.
  expect(stages.matching.outputs.filter(output => output.kind === 'order-update').length).toBeGreaterThan(5)
})

test('sends of unknown outcome, and a run that is taken up again, change nothing', async () => {
  const unkind = await through(new Market([2, 3, 7]))
  expect(fillsOf(unkind.stages.matching.outputs)).toEqual(fillsOf(market.stages.matching.outputs))
  const { sends } = unkind
  await through(unkind)
  expect(unkind.sends).toBe(sends)
})

test('time on both partitions is the flow’s', () => {
  const last = flow.startsAt + (limit - 1) * 10 as Instant
  const times = market.records('ledger', accountPartition).map(({ timestamp }) => timestamp)
  expect(Math.max(...times)).toBe(last)
  const clocks = market.records('orders', index).filter(({ value }) => decode(value!).kind === 'clock')
  expect(clocks.length).toBeGreaterThan(3)
  expect(clocks.every(({ timestamp, value }) => decode(value!)['sentAt'] === timestamp)).toBe(true)
})
