// A made-up market: two partitions of the ledger, two instruments, and a network that delivers between them in any
// order that the logs allow, twice, or late. One seed is one history.

import { matching } from '../../../pipelines/matching/stage.ts'
import type { Matching } from '../../../pipelines/matching/matching.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import type { Headers } from '../../../pipelines/runtime/log.ts'
import type { Named, Stage } from '../../../pipelines/runtime/stage.ts'
import type { LedgerCommand } from '../../../schemas/ledger/commands.ts'
import { instruments, setParameters } from '../../../schemas/instruments.ts'
import { topics } from '../../../schemas/topics.ts'
import {
  holderId, orderIdAt, ownerId, partitionOfHolder, type HolderId, type Instant, type OrderId
} from '../../../schemas/units.ts'
import { Random } from '../../simulation/scheduler.ts'
import { encode, Station, type Sent, type Target } from './station.ts'

export type AnyStage<State> = Stage<State, Named, Named>

/** Those of partition 0 and those of partition 1; 25 and 17 share an owner, 17 issues, 33 has an easy account. */
export const holders: readonly HolderId[] = [8, 16, 1, 9, 17, 25, 33].map(holderId)
export const consumer = holderId(33)
export const ownerOf = (holder: HolderId): number => holder === 25 ? 17 : holder

/** A sweep is near. */
const start = Date.UTC(2026, 5, 15, 23, 59, 50) as Instant

export class World {
  readonly random: Random
  now = start
  readonly ledgers: readonly Station<Ledger>[]
  readonly books: readonly Station<Matching>[]
  readonly stations: ReadonlyArray<Station<Ledger> | Station<Matching>>
  /** What went to topics that nobody here reads: entries, order states, fills. */
  readonly told: Named[] = []
  readonly #seen = new Set<string>()
  /** Every order that was asked for, with its holder. */
  readonly orders: { readonly holder: HolderId, readonly orderId: OrderId }[] = []

  constructor (seed: number) {
    this.random = new Random(seed)
    this.ledgers = [0, 1].map(partition => new Station(ledger() as unknown as AnyStage<Ledger>, partition, start))
    this.books = [0, 1].map(partition => new Station(matching() as unknown as AnyStage<Matching>, partition, start))
    this.stations = [...this.ledgers, ...this.books]
    this.tick()
    for (const [index, station] of this.books.entries()) {
      const headers = this.#header()
      station.append(encode(setParameters(instruments[index]!)), headers, this.now)
    }
    for (const { index, instrumentId, trading: { referencePrice } } of instruments.slice(0, 2)) {
      const listing = { kind: 'list-instrument', instrumentId, index, referencePrice } as const
      for (const { partition } of this.ledgers) this.#append(partition, listing)
    }
    for (const holder of holders) {
      const owner = ownerId(ownerOf(holder))
      this.command({ kind: 'set-holder', holder, owner, isIssuer: holder === 17, isSuspended: false }, { isSure: true })
    }
  }

  #nextCommand = 0

  #header (id = `own-${++this.#nextCommand}`, validMs = 10_000): Headers {
    return { command: writeCommandTag({ id, validUntil: this.now + validMs as Instant }) }
  }

  #append (partition: number, command: LedgerCommand, headers = this.#header()): number {
    return this.ledgers[partition]!.append(encode(command), headers, this.now)
  }

  /** A command from outside: now and then it comes twice, or only after its time. */
  command (command: LedgerCommand & { readonly holder: HolderId }, { isSure = false } = {}): void {
    const { random } = this
    const partition = partitionOfHolder(command.holder, topics.ledger.partitions)
    const headers = this.#header(`asked-${++this.#nextCommand}`, !isSure && random.chance(0.03) ? -5000 : 10_000)
    const offset = this.#append(partition, command, headers)
    if (command.kind === 'submit-order') {
      this.orders.push({ holder: command.holder, orderId: orderIdAt(partition, offset) })
      if (command.oco !== null) this.orders.push({ holder: command.holder, orderId: orderIdAt(partition, offset, 1) })
    }
    if (random.chance(0.05)) this.#append(partition, command, headers)
  }

  /** What is about an instrument goes to every partition of the ledger. */
  toLedgers (command: LedgerCommand): void {
    for (const { partition } of this.ledgers) this.#append(partition, command)
  }

  operator (partition: number, command: Named): void {
    this.books[partition]!.append(encode(command), this.#header(), this.now)
  }

  /** Time passes for everyone. */
  tick (ms = 0): void {
    this.now = this.now + ms as Instant
    const clock = encode({ kind: 'clock', sentAt: this.now, sender: 'test' } as Named)
    for (const station of this.stations) station.append(clock, {}, this.now)
  }

  #deliver ({ topic, partition, value, headers, named }: Sent): void {
    const readers = topic === topics.ledger.name ? this.ledgers : topic === topics.orders.name ? this.books : []
    if (readers[partition] !== undefined) {
      readers[partition].append(value, headers, this.now)
      return
    }
    const identity = `${topic} ${partition} ${headers.origin!.toString('latin1')}`
    if (!this.#seen.has(identity)) this.told.push(named)
    this.#seen.add(identity)
  }

  /** Something happens somewhere: a record is applied, outputs are sent, a leader dies. */
  happen ({ isRough }: { readonly isRough: boolean }): void {
    const { random } = this
    const station = this.stations[random.below(this.stations.length)]!
    const chance = random.next()
    if (isRough && chance < 0.01) station.crash(random.chance(0.5))
    else if (chance < 0.03) station.capture()
    else if (chance < 0.5) this.#send(station)
    else for (let count = 1 + random.below(8); count > 0 && station.isBehind; count--) station.step()
  }

  #send (station: this['stations'][number]): void {
    const waiting = station.waiting()
    if (waiting.length === 0) return
    const target = waiting[this.random.below(waiting.length)]!
    this.#sendSome(station, target, 1 + this.random.below(10))
  }

  #sendSome (station: this['stations'][number], target: Target, most: number): void {
    for (const sent of station.take(target, most, below => this.random.below(below))) this.#deliver(sent)
  }

  /** Until nothing is left to be done. */
  settle (): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false
      for (const station of this.stations) {
        for (; station.isBehind; isBusy = true) station.step()
        for (const target of station.waiting()) {
          isBusy = true
          this.#sendSome(station, target, Number.MAX_SAFE_INTEGER)
        }
      }
    }
  }
}
