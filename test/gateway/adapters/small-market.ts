// A market of one instrument and one partition of the ledger, on a log in memory: the real stages, and gateways with
// replicas of their own that see the log when a test lets them.

import { LedgerCommands } from '../../../gateway/adapters/ledger-commands.ts'
import { ledgerPort, witness } from '../../../gateway/adapters/ledger.ts'
import type { LedgerPort } from '../../../gateway/ports.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import type { Matching } from '../../../pipelines/matching/matching.ts'
import { matching } from '../../../pipelines/matching/stage.ts'
import { metering } from '../../../pipelines/metering/stage.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import type { LogRecord, Outgoing } from '../../../pipelines/runtime/log.ts'
import { Machine, type Output } from '../../../pipelines/runtime/machine.ts'
import { writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Named, Stage } from '../../../pipelines/runtime/stage.ts'
import { instrumentBySymbol, instruments, setParameters } from '../../../schemas/instruments.ts'
import type { LedgerCommand, SubmitOrder } from '../../../schemas/ledger/commands.ts'
import { topics } from '../../../schemas/topics.ts'
import {
  holderId, instant, microdollars, ownerId, partitionOfHolder, units, type HolderId, type Instant
} from '../../../schemas/units.ts'
import { activation, binder, clock, noon, wire, type Sent } from '../../pipelines/runtime/support.ts'

export const ada = holderId(11)
export const ben = holderId(19)
export const partition = partitionOfHolder(ada, topics.ledger.partitions)
export const prime = instrumentBySymbol('text-prime')!

/** Sees the log when the market settles. */
export type Sees = { follow (): void }

type AnyMachine = Machine<unknown, Named, Named>
type Follower = { readonly topic: string, readonly partition: number, readonly machine: AnyMachine }

export function machineOf<State> (stage: unknown, topic: string, of: number): Machine<State, Named, Named> {
  return new Machine({
    stage: stage as Stage<State, Named, Named>,
    topic,
    partition: of,
    binder,
    deadLetters: () => ({ topic: topics.deadLetters.name, partition: 0 })
  })
}

const buy: SubmitOrder = {
  kind: 'submit-order',
  holder: ada,
  instrumentId: prime.instrumentId,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  price: microdollars(100_000),
  stopPrice: null,
  quantity: units(10),
  notional: null,
  expiresAt: null,
  oco: null,
  clientOrderId: null,
  content: 'content',
  selfTradePrevention: 'cancel_newest',
  autoTransfer: false,
  bookSequence: null,
  submittedAt: instant(noon),
  commandId: ''
}

export const orderOf = (commandId: string, terms: Partial<SubmitOrder> = {}): SubmitOrder =>
  ({ ...buy, commandId, ...terms })

/** A gateway: a replica of the ledger's partition, and what is asked of it. */
export class Gateway {
  readonly commands: LedgerCommands
  readonly port: LedgerPort
  readonly machine: Machine<Ledger, Named, Named>
  readonly #see: (applied: never) => void
  readonly #market: SmallMarket

  constructor (market: SmallMarket, { deadlineMs = 5000, isAway = false } = {}) {
    this.#market = market
    this.machine = machineOf<Ledger>(ledger(), topics.ledger.name, partition)
    this.commands = new LedgerCommands({
      log: { send: async records => isAway ? Promise.reject(new Error('no broker')) : market.send(records) },
      topic: topics.ledger.name,
      encode: command => wire.encode(command),
      decode: value => wire.decode(value),
      now: () => market.now,
      deadlineMs
    })
    this.#see = witness(this.commands, topics.ledger.name)
    this.port = ledgerPort({
      commands: this.commands,
      replica: () => this.machine,
      partitions: topics.ledger.partitions,
      topic: topics.ledger.name,
      now: () => market.now
    })
  }

  /** Applies the next records of the log, all unless said otherwise. */
  follow (until = Number.MAX_SAFE_INTEGER): void {
    const records = this.#market.records(topics.ledger.name, partition)
    while (this.machine.next < Math.min(until, records.length)) {
      const record = records[this.machine.next]!
      const outputs: Output[] = []
      const fate = this.machine.apply(record, outputs)
      this.#see({ fate, record, outputs, partition, machine: this.machine } as never)
    }
  }

  submit (id: string, command: LedgerCommand, validMs = 5000) {
    const tag = { id, validUntil: instant(this.#market.now + validMs) }
    return this.port.submit([{ command, tag }]).then(([answer]) => answer!)
  }

  /** Everybody sees everything, then the answer. */
  async outcome (id: string, command: LedgerCommand) {
    const answer = this.submit(id, command)
    this.#market.settle()
    return answer
  }
}

export class SmallMarket {
  now: Instant
  readonly #log = new Map<string, LogRecord[]>()
  readonly #leaders: readonly Follower[]
  readonly book: Machine<Matching, Named, Named>
  /** All that the stages said, in their order. */
  readonly told: Named[] = []
  readonly #gateways: Sees[] = []
  #commands = 0

  /** Both have $100 and 100 units. */
  constructor (start = noon) {
    this.now = instant(start)
    const { ledger: accounts, orders, usage } = topics
    this.book = machineOf<Matching>(matching(), orders.name, prime.index)
    this.#leaders = [
      { topic: accounts.name, partition, machine: machineOf<unknown>(ledger(), accounts.name, partition) },
      { topic: orders.name, partition: prime.index, machine: this.book },
      { topic: usage.name, partition, machine: machineOf<unknown>(metering(), usage.name, partition) }
    ]
    this.append(usage.name, partition, activation(1, this.now))
    this.append(accounts.name, partition, activation(1, this.now))
    this.append(orders.name, prime.index, activation(2, this.now))
    this.tick(0)
    this.#tell(orders.name, prime.index, setParameters(prime))
    for (const { instrumentId, index, trading: { referencePrice } } of instruments) {
      this.say({ kind: 'list-instrument', instrumentId, index, referencePrice })
    }
    for (const holder of [ada, ben]) this.#open(holder)
    this.settle()
  }

  #open (holder: HolderId): void {
    const of = { holder, instrumentId: prime.instrumentId, quantity: units(100) }
    this.say({ kind: 'set-holder', holder, owner: ownerId(holder), isIssuer: true, isSuspended: false })
    this.say({ kind: 'deposit', holder, amount: microdollars(100_000_000), isGrant: false, reference: 'd' })
    this.say({ ...of, kind: 'issue-supply', reference: 'i' })
    this.say({ ...of, kind: 'transfer-issued', reference: 't' })
  }

  /** A command of an operator's. */
  say (command: LedgerCommand): void {
    this.#tell(topics.ledger.name, partition, command)
  }

  #tell (topic: string, of: number, command: object): void {
    const tag = { id: `operator-${++this.#commands}`, validUntil: instant(this.now + 10_000) }
    const [value, headers] = [wire.encode(command as Named), { command: writeCommandTag(tag) }]
    this.append(topic, of, { timestamp: this.now, key: null, value, headers })
  }

  append (topic: string, of: number, sent: Sent): void {
    const records = this.records(topic, of)
    records.push({ ...sent, offset: records.length })
  }

  records (topic: string, of: number): LogRecord[] {
    const place = `${topic}/${of}`
    let records = this.#log.get(place)
    if (records === undefined) this.#log.set(place, records = [])
    return records
  }

  async send (outgoing: readonly Outgoing[]): Promise<void> {
    for (const { topic, partition: of, key, value, headers } of outgoing) {
      this.append(topic, of, { timestamp: this.now, key: key === null ? null : Buffer.from(key), value, headers })
    }
    return Promise.resolve()
  }

  join (follower: Sees): void {
    this.#gateways.push(follower)
    follower.follow()
  }

  gateway (options: { readonly deadlineMs?: number, readonly isAway?: boolean } = {}): Gateway {
    const gateway = new Gateway(this, options)
    this.join(gateway)
    return gateway
  }

  /** The stages do all there is to do; gateways see nothing of it yet. */
  work (): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false
      for (const { topic, partition: of, machine } of this.#leaders) {
        const records = this.records(topic, of)
        for (; machine.next < records.length; isBusy = true) {
          const outputs: Output[] = []
          machine.apply(records[machine.next]!, outputs)
          this.told.push(...outputs.map(({ value }) => value))
          for (const output of outputs) this.#emit(machine.source, output)
        }
      }
    }
  }

  #emit (source: string, { topic, partition: of, key, value, binding, offset, index, sequence }: Output): void {
    const headers = { origin: writeOrigin({ source, offset, index, sequence }) }
    this.append(topic, of, { timestamp: this.now, key: Buffer.from(key), value: binding.encode(value), headers })
  }

  settle (): void {
    this.work()
    for (const gateway of this.#gateways) gateway.follow()
  }

  tick (ms: number): void {
    this.now = instant(this.now + ms)
    for (const { topic, partition: of } of this.#leaders) this.append(topic, of, clock(this.now))
  }
}
