// Lots expire by stage time, and no single wrong clock moves that: neither a sender's nor a broker's.

import { expect, test } from 'vitest'
import { lotViews } from '../../../pipelines/ledger/lots/views.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import type { CommandOutcome } from '../../../schemas/ledger/records.ts'
import { type HolderId, type Instant, orderIdAt } from '../../../schemas/units.ts'
import { encode, Station } from '../../properties/market/station.ts'

const hour = 60 * 60 * 1000
const noon = Date.UTC(2026, 10, 21, 12) as Instant
const holder = 8 as HolderId

/** One partition of the ledger, in which time is told by whoever sends a clock record. */
class Partition {
  readonly #station = new Station<Ledger>(ledger(), 0, noon)
  #commands = 0

  /** Where the record is in the log. */
  say (command: object, at: number): number {
    const tag = writeCommandTag({ id: `c${++this.#commands}`, validUntil: at + 10_000 as Instant })
    return this.#take(command, at, { command: tag })
  }

  clock (sentAt: number, appendedAt: number): void {
    this.#take({ kind: 'clock', sentAt, sender: 'test' }, appendedAt, {})
  }

  #take (record: object, at: number, headers: Record<string, Buffer>): number {
    const offset = this.#station.append(encode(record as Named), headers, at as Instant)
    while (this.#station.isBehind) this.#station.step()
    return offset
  }

  get state (): Ledger {
    return this.#station.machine.state
  }

  /** Of the last command. */
  outcome (): CommandOutcome['refusal'] | undefined {
    const sent = this.#station.waiting().flatMap(target => this.#station.take(target, 100, () => 0))
    const outcomes = sent.map(({ named }) => named).filter(({ kind }) => kind === 'command-outcome')
    return (outcomes.at(-1) as CommandOutcome | undefined)?.refusal
  }
}

/** With a lot that was opened at noon. */
function stocked (): Partition {
  const partition = new Partition()
  partition.clock(noon, noon)
  const terms = { holder, instrumentId: 'text-prime' }
  partition.say({ kind: 'list-instrument', instrumentId: 'text-prime', index: 0, referencePrice: 100 }, noon)
  partition.say({ kind: 'set-holder', holder, owner: 8, isIssuer: false, isSuspended: false }, noon)
  partition.say({ kind: 'deposit', holder, amount: 1000, isGrant: false, reference: 'a' }, noon)
  const offset = partition.say({
    kind: 'submit-order',
    ...terms,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    price: 100,
    stopPrice: null,
    quantity: 1,
    notional: null,
    expiresAt: null,
    oco: null,
    clientOrderId: null,
    content: '',
    selfTradePrevention: 'cancel_newest',
    autoTransfer: true,
    bookSequence: null,
    submittedAt: noon,
    commandId: ''
  }, noon)
  partition.say({
    kind: 'order-outcome',
    ...terms,
    orderId: orderIdAt(0, offset),
    cause: 'place',
    refusal: null,
    status: 'filled',
    closureReason: null,
    price: 100,
    stopPrice: null,
    quantity: 1,
    filledQuantity: 1,
    filledNotional: 100,
    expiresAt: null,
    legs: [{ sequence: 1, role: 'taker', price: 100, quantity: 1, grant: 0 }],
    isLast: true,
    period: 124_671,
    at: noon
  }, noon)
  return partition
}

const deadline = noon + 4 * hour
/** Further from it than any record may be ahead of the clocks. */
const before = deadline - 3000

test.each([
  { whose: "a sender's", sentAt: before + hour, appendedAt: before },
  { whose: "a broker's", sentAt: before, appendedAt: before + hour }
])('$whose clock an hour ahead expires nothing', ({ sentAt, appendedAt }) => {
  const partition = stocked()
  const [lot] = lotViews(partition.state, holder)
  expect(lot).toMatchObject({ remaining: 1_000_000, expiresAt: deadline, isExpired: false })
  partition.clock(before, before)
  partition.clock(sentAt, appendedAt)
  expect(partition.state.now).toBe(before)
  expect(lotViews(partition.state, holder)).toEqual([lot])

  partition.say({ kind: 'expire-lot', holder, lotId: lot!.lotId }, before)
  expect(partition.outcome()).toBe('not_expired')
  partition.clock(deadline, deadline)
  partition.say({ kind: 'expire-lot', holder, lotId: lot!.lotId }, deadline)
  expect(partition.outcome()).toBeNull()
  expect(lotViews(partition.state, holder)).toEqual([])
})
