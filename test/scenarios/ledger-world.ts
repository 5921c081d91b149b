// The two stages and the topics between them, in memory: two partitions of the ledger, two instruments. What is sent
// arrives at once and in order, but for what is told to wait.

import { ledger } from '../../pipelines/ledger/stage.ts'
import { conservation } from '../../pipelines/ledger/conservation.ts'
import { validate } from '../../pipelines/ledger/validate.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { ledgerVersion } from '../../pipelines/matching/matching.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { OrderCommand } from '../../schemas/matching/records.ts'
import { basisPoints, instant, instrumentId, microdollars, units } from '../../schemas/units.ts'

export const instruments = ['text-prime', 'code-max'].map(instrumentId)
const partitions = { ledger: 2, orderUpdates: 2, ledgerEntries: 2, reconciliation: 2 }

type Clock = { readonly kind: 'clock' }
type Sent = { readonly topic: string, readonly partition: number, readonly value: { readonly kind: string } }

export class World {
  /** Stage time. */
  at: number
  readonly #ledger = ledger(partitions)
  readonly #matching = matching(partitions)
  readonly ledgers = [0, 1].map(partition => this.#ledger.initial(partition))
  readonly books = instruments.map((_, partition) => this.#matching.initial(partition))
  readonly #offsets = new Map<string, number>()
  /** Records of a topic that waits. */
  readonly #waiting: Sent[] = []
  readonly #isHeldBack = new Set<string>()
  #heard: LedgerOutput[] = []

  constructor (at: number) {
    this.at = at
    instruments.forEach((id, index) => {
      this.#deliver({
        topic: 'orders',
        partition: index,
        value: {
          kind: 'set-parameters',
          instrumentId: id,
          tickSize: microdollars(100),
          quantityMin: units(1),
          quantityMax: units(999_999_999),
          referencePrice: microdollars(100_000),
          bandBp: basisPoints(0),
          pauseMs: 0
        } as Sent['value']
      })
      for (const partition of this.ledgers.keys()) {
        this.tell({ kind: 'list-instrument', instrumentId: id, index, referencePrice: microdollars(100_000) }, { partition })
      }
    })
    this.take()
  }

  /** What operators tell matching. */
  tellMatching (command: OrderCommand, partition: number): void {
    this.#deliver({ topic: 'orders', partition, value: command })
  }

  /** Sends a command to the ledger; what follows from it happens at once. */
  tell (
    command: LedgerCommand, { partition = 0, isLate = false }: { partition?: number, isLate?: boolean } = {}
  ): void {
    this.#deliver({ topic: 'ledger', partition, value: command }, isLate)
  }

  /** Time passes everywhere. */
  tick (): void {
    for (const partition of this.books.keys()) this.#deliver({ topic: 'orders', partition, value: { kind: 'clock' } })
    for (const partition of this.ledgers.keys()) this.#deliver({ topic: 'ledger', partition, value: { kind: 'clock' } })
  }

  /** What the ledger said since the last time. */
  take (): LedgerOutput[] {
    const heard = this.#heard
    this.#heard = []
    return heard
  }

  /** The id of the record that a partition of the ledger reads next. */
  nextOffset (partition: number): number {
    return this.#offsets.get(`ledger ${partition}`) ?? 0
  }

  /** What comes to matching, or from it, waits until it is let go. */
  holdBack (who: 'matching' | 'ledger'): void {
    this.#isHeldBack.add(who === 'matching' ? 'orders' : 'ledger')
  }

  letGo (): void {
    this.#isHeldBack.clear()
    for (let sent = this.#waiting.shift(); sent !== undefined; sent = this.#waiting.shift()) this.#deliver(sent)
  }

  #deliver ({ topic, partition, value }: Sent, isLate = false): void {
    const queue: Sent[] = []
    const place = `${topic} ${partition}`
    const offset = this.#offsets.get(place) ?? 0
    this.#offsets.set(place, offset + 1)
    const position = { at: instant(this.at), partition, offset, version: ledgerVersion, isLate }
    const emit = (to: string, toPartition: number, _key: string, output: Sent['value']): void => {
      queue.push({ topic: to, partition: toPartition, value: output })
      if (topic === 'ledger') this.#heard.push(output as LedgerOutput)
    }
    if (topic === 'ledger') {
      this.#ledger.apply(this.ledgers[partition]!, value as LedgerCommand | Clock, position, emit)
      // Slow with many orders: thousands of the same are looked at once in a while.
      const { orders, positions } = this.ledgers[partition]!
      if (orders.count + positions.tranches.count < 200 || offset % 1000 === 0) validate(this.ledgers[partition]!)
    } else {
      this.#matching.apply(this.books[partition]!, value as never, position, emit)
    }
    for (const sent of queue) {
      if (sent.topic !== 'orders' && sent.topic !== 'ledger') continue
      if (this.#isHeldBack.has(sent.topic)) this.#waiting.push(sent)
      else this.#deliver(sent)
    }
  }

  /** What is not zero: assets of all partitions together, and what is still between two legs. */
  imbalances (): string[] {
    const sums = new Map<string, bigint>()
    const add = (name: string, amount: bigint): void => { sums.set(name, (sums.get(name) ?? 0n) + amount) }
    for (const state of this.ledgers) {
      for (const { asset, accounts, sum } of conservation(state)) {
        add(asset, sum)
        add(`${asset} in transit`, accounts.in_transit ?? 0n)
      }
    }
    return [...sums].filter(([, sum]) => sum !== 0n).map(([name, sum]) => `${name} ${sum}`)
  }
}
