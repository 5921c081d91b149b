// How fast the ledger core is: orders through submit-order and the outcome that fills them, with one account and with
// a million, in one process, without log or codec; and how soon a million accounts stand again from their snapshots.
// The clock is the process's processor time, collection of garbage included: what else the machine does then does not
// weigh on it. Commands are made outside the clock, a batch at a time, as a reader of a log would have just done.

import { hash } from 'node:crypto'
import { apply, type Command } from '../../pipelines/ledger/apply.ts'
import { conservation } from '../../pipelines/ledger/conservation.ts'
import { Ledger } from '../../pipelines/ledger/ledger.ts'
import { readSnapshot, writeSnapshot } from '../../pipelines/ledger/snapshot.ts'
import { orderDefaults, type OrderOutcome, type Role } from '../../schemas/matching/records.ts'
import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import {
  type Instant, type Side, holderId, instant, instrumentId, microdollars, orderIdAt, ownerId, periodOf, units
} from '../../schemas/units.ts'
import type { BenchOptions } from './bench.ts'
import { type BenchRow, median } from './row.ts'

const goalCommands = 1_000_000
const goalSeconds = 5
const partitions = 8
const batchOrders = 1000
/** Stage time: a partition that takes 400 orders a second keeps closed ones for two minutes all the same. */
const orderMs = 2.5
const startsAt = 1_700_000_000_000
const textPrime = instrumentId('text-prime')
const price = microdollars(100_900)
const quantity = units(5)

/** A whole partition with so many holders, each with cash. Who has units sells, who has none buys. */
class Flow {
  state = new Ledger()
  readonly #accounts: number
  readonly #firstHolder: number
  readonly #hasUnits: Uint8Array
  #offset = 0
  #orders = 0
  #said = 0
  readonly #count = (output: LedgerOutput): void => { this.#said += output.kind.length }

  constructor (accounts: number, firstHolder = partitions) {
    this.#accounts = accounts
    this.#firstHolder = firstHolder
    this.#hasUnits = new Uint8Array(accounts)
    this.#apply({ kind: 'list-instrument', instrumentId: textPrime, index: 1, referencePrice: price }, startsAt)
    for (let account = 0; account < accounts; account++) this.#open(account)
  }

  get said (): number {
    return this.#said
  }

  #holder (account: number) {
    return holderId(this.#firstHolder + account * partitions)
  }

  #apply (command: Command, at: number): void {
    const position = { at: instant(at), partition: 0, offset: this.#offset++, isLate: false }
    apply(this.state, command, position, this.#count)
  }

  #open (account: number): void {
    const holder = this.#holder(account)
    const amount = microdollars(Math.min(10 ** 14, 10 ** 15 / this.#accounts))
    const flags = { isIssuer: false, isSuspended: false }
    this.#apply({ kind: 'set-holder', holder, owner: ownerId(holder), ...flags }, startsAt)
    this.#apply({ kind: 'deposit', holder, amount, isGrant: false, reference: `deposit-${holder}` }, startsAt)
  }

  /** The next commands: each order, then matching's word on it. */
  batch (orders = batchOrders): { readonly command: Command, readonly at: Instant }[] {
    const commands: { command: Command, at: Instant }[] = []
    for (let order = 0; order < orders; order++) {
      const number = this.#orders++
      const at = Math.floor(startsAt + number * orderMs) as Instant
      const offset = this.#offset + commands.length
      const account = (Math.imul(number, 0x9e3779b1) >>> 0) % this.#accounts
      const holder = this.#holder(account)
      const side: Side = this.#hasUnits[account] === 0 ? 'buy' : 'sell'
      this.#hasUnits[account]! ^= 1
      commands.push({ command: submitOf({ holder, side, at, number }), at })
      commands.push({ command: outcomeOf({ holder, offset, at, number }), at })
      if (number % 400 === 0) commands.push({ command: { kind: 'clock' }, at })
    }
    return commands
  }

  play (commands: readonly { readonly command: Command, readonly at: Instant }[]): void {
    for (const { command, at } of commands) this.#apply(command, at)
  }
}

type Numbered = { readonly holder: ReturnType<typeof holderId>, readonly at: Instant, readonly number: number }

function submitOf ({ holder, side, at, number }: Numbered & { side: Side }): SubmitOrder {
  // As a codec reads it: one flat text.
  const id = Buffer.from(`${(number * 0x9e3779b1 % 2 ** 32).toString(16).padStart(8, '0')}-4a7b-8c9d-aaaa-${number.toString(16).padStart(12, '0')}`)
  return {
    kind: 'submit-order',
    holder,
    instrumentId: textPrime,
    side,
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    price,
    stopPrice: null,
    quantity,
    notional: null,
    expiresAt: null,
    oco: null,
    clientOrderId: null,
    content: '',
    selfTradePrevention: 'cancel_newest',
    autoTransfer: false,
    bookSequence: null,
    submittedAt: at,
    commandId: id.toString('latin1')
  }
}

function outcomeOf ({ holder, offset, at, number }: Numbered & { offset: number }): OrderOutcome {
  const role: Role = number % 3 === 0 ? 'taker' : 'maker'
  return {
    kind: 'order-outcome',
    orderId: orderIdAt(0, offset),
    holder,
    instrumentId: textPrime,
    cause: 'place',
    refusal: null,
    status: 'filled',
    closureReason: null,
    price,
    stopPrice: orderDefaults.stopPrice,
    quantity,
    filledQuantity: quantity,
    filledNotional: microdollars(price * quantity),
    expiresAt: orderDefaults.expiresAt,
    legs: [{ sequence: number + 1, role, price, quantity, grant: microdollars(0) }],
    isLast: true,
    period: periodOf(at),
    at
  }
}

function processorMs (): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Commands a second of processor time. */
function rate (flow: Flow, batches: number): number {
  let spentMs = 0
  let commands = 0
  for (let batch = 0; batch < batches; batch++) {
    const next = flow.batch()
    const before = processorMs()
    flow.play(next)
    spentMs += processorMs() - before
    commands += next.length
  }
  return commands / spentMs * 1000
}

const stateHash = (state: Ledger): string => hash('sha256', writeSnapshot(state)).slice(0, 12)

function commandsRow (name: string, accounts: number, { small }: BenchOptions): BenchRow {
  const flow = new Flow(accounts)
  const batches = small ? 5 : 300
  rate(flow, batches)
  const value = median(Array.from({ length: small ? 1 : 5 }, () => rate(flow, batches)))
  const isWhole = conservation(flow.state).every(({ sum }) => sum === 0n)
  return {
    name,
    unit: 'commands/s',
    value: Math.round(value),
    beside: 'goal',
    besideValue: goalCommands,
    ratio: Number((value / goalCommands).toFixed(2)),
    goal: small ? null : 1,
    ok: isWhole && (small || value >= goalCommands),
    conditions: `${accounts} accounts in one partition; a limit order and the outcome that fills it are two commands; records made, not encoded; ` +
      `orders chosen at random among the accounts, closed ones kept for two minutes of stage time at 400 orders/s; processor time; state ${stateHash(flow.state)}`
  }
}

/** Every account has traded once or so. */
function traded (flow: Flow, orders: number): Ledger {
  for (let played = 0; played < orders; played += batchOrders) flow.play(flow.batch())
  return flow.state
}

function restartRow (options: BenchOptions): BenchRow {
  const accounts = options.small ? 8000 : 1_000_000
  const snapshots = Array.from({ length: partitions }, (_, partition) =>
    writeSnapshot(traded(new Flow(accounts / partitions, partitions + partition), accounts / partitions)))
  const seconds = Array.from({ length: options.small ? 1 : 3 }, () => {
    const began = performance.now()
    const states = snapshots.map(readSnapshot)
    for (const [partition, state] of states.entries()) {
      if (hash('sha256', writeSnapshot(state)) !== hash('sha256', snapshots[partition]!)) throw new Error('restored to another state')
    }
    return (performance.now() - began) / 1000
  })
  const value = median(seconds)
  return {
    name: 'restart of the ledger',
    unit: 's',
    value: Number(value.toFixed(2)),
    beside: 'goal',
    besideValue: goalSeconds,
    ratio: Number((goalSeconds / value).toFixed(2)),
    goal: options.small ? null : 1,
    ok: options.small || value < goalSeconds,
    conditions: `ratio: ${goalSeconds} s / ours; ${accounts} accounts in ${partitions} partitions, ` +
      `${(snapshots.reduce((sum, { length }) => sum + length, 0) / 2 ** 20).toFixed(0)} MiB of snapshots, read, written again and hashed as a restore does; without the log`
  }
}

export function ledgerCore (options: BenchOptions): Promise<BenchRow[]> {
  return Promise.resolve([
    commandsRow('ledger core, one account', 1, options),
    commandsRow('ledger core, a million accounts', options.small ? 1000 : 1_000_000, options),
    restartRow(options)
  ])
}
