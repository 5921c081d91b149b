// How fast the matching core is, all features on, beside a book from npm and beside its own naive twin: on the recorded
// flow, in one process, without log or codec. The engines take turns, a whole flow each, several times; only the ratios
// mean something elsewhere. What an engine is given is made a few messages at a time outside the clock, in the form it
// asks for, so that neither waits for memory that a reader of a log would have just written. The clock is the process's
// processor time, collection of garbage included: what else the machine does then weighs on neither.

import { hash } from 'node:crypto'
import { OrderBook } from 'nodejs-order-book'
import { apply, type Command } from '../../pipelines/matching/apply.ts'
import { Matching, ledgerVersion } from '../../pipelines/matching/matching.ts'
import { writeSnapshot } from '../../pipelines/matching/format.ts'
import { takeSnapshot } from '../../pipelines/matching/snapshot.ts'
import { Tape } from '../../pipelines/matching/tape.ts'
import { flash1, flash1TickSize } from '../../pipelines/replay/flash1.ts'
import { Reports } from '../../pipelines/replay/reports.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { BookNaive } from '../properties/book-naive.ts'
import { type BenchRow, median } from './row.ts'

/** Takes a command in, outside the clock; plays those it took, and returns something that depends on all it said. */
type Engine = { readonly take: (command: Command) => void, readonly play: () => number }

const position = { at: instant(1_700_000_000_000), isLate: false, version: ledgerVersion }
const flow = { instrumentId: instrumentId('text-prime') }
const batchMessages = 2000

/** As a codec makes it: of one shape a kind, with all fields in place. The flow's own objects grow theirs. */
function decoded (command: Command): Command {
  switch (command.kind) {
    case 'place-order': {
      const { orderId, holder, owner, instrumentId, side, type, timeInForce, postOnly, price, quantity } = command
      const { selfTradePrevention, stopPrice, expiresAt, notional, takerBp, grantNotional, oco } = command
      const { kind, isHeld, isIssuer, period } = command
      return {
        kind,
        orderId,
        holder,
        owner,
        instrumentId,
        side,
        type,
        timeInForce,
        postOnly,
        price,
        quantity,
        selfTradePrevention,
        stopPrice,
        expiresAt,
        notional,
        takerBp,
        grantNotional,
        oco,
        isHeld,
        isIssuer,
        period
      }
    }
    case 'cancel-order': {
      const { kind, orderId, holder, instrumentId, reason } = command
      return { kind, orderId, holder, instrumentId, reason }
    }
    case 'amend-order': {
      const {
        kind, orderId, holder, instrumentId, price, quantity, quantityIs, stopPrice, expiresAt, quantityBefore
      } = command
      return {
        kind, orderId, holder, instrumentId, price, quantity, quantityIs, stopPrice, expiresAt, quantityBefore
      }
    }
    default: return command
  }
}

/** An engine that is given commands as they are. */
function ofCommands (playAll: (commands: readonly Command[]) => number): Engine {
  const commands: Command[] = []
  return {
    take: command => commands.push(decoded(command)),
    play: () => {
      const said = playAll(commands)
      commands.length = 0
      return said
    }
  }
}

/** Every row of what was said is read, as a codec would, but no records are made of it. */
function rowsEngine (): Engine {
  const state = new Matching()
  const tape = new Tape()
  return ofCommands(commands => {
    let sum = 0
    for (const command of commands) {
      apply(state, command, position, tape)
      const { count } = tape
      for (let row = 0; row < count; row++) sum += tape.number(row, 0) + tape.number(row, 3)
    }
    return sum
  })
}

/** As the stage does it: records, one object each. */
function recordsEngine (): Engine {
  const state = new Matching()
  const tape = new Tape()
  return ofCommands(commands => {
    let count = 0
    for (const command of commands) {
      apply(state, command, position, tape)
      for (const output of tape.outputs()) count += output.kind.length
    }
    return count
  })
}

function naiveEngine (): Engine {
  const twin = new BookNaive()
  return ofCommands(commands => commands.reduce((sum, command) => sum + twin.apply(command, position).length, 0))
}

type PeerOrder = Parameters<OrderBook['limit']>[0]
type PeerCall =
  { readonly kind: 'limit', readonly options: PeerOrder } |
  { readonly kind: 'modify', readonly id: string, readonly options: { readonly size: number, readonly price: number } } |
  { readonly kind: 'cancel', readonly id: string }

function peerCall (command: Command): PeerCall | null {
  if (command.kind === 'cancel-order') return { kind: 'cancel', id: String(command.orderId) }
  if (command.kind === 'amend-order') {
    const options = { size: command.quantity!, price: command.price! }
    return { kind: 'modify', id: String(command.orderId), options }
  }
  if (command.kind !== 'place-order') return null
  const options = {
    id: String(command.orderId),
    side: command.side,
    size: command.quantity,
    price: command.price,
    postOnly: command.postOnly,
    timeInForce: command.timeInForce === 'ioc' ? 'IOC' : 'GTC',
    accountId: String(command.owner),
    stpMode: 'EXPIRE_TAKER'
  }
  // The peer's enums are plain text at run time, and its package does not export them all.
  return { kind: 'limit', options: options as unknown as PeerOrder }
}

function playPeer (book: OrderBook, call: PeerCall): number {
  switch (call.kind) {
    case 'limit': return book.limit(call.options).done.length
    case 'modify': return book.modify(call.id, call.options).done.length
    case 'cancel': return book.cancel(call.id) === undefined ? 0 : 1
  }
}

/** The peer's text ids and objects of options are made before the clock runs, as our commands are. */
function peerEngine (): Engine {
  const book = new OrderBook()
  const calls: PeerCall[] = []
  return {
    take: command => {
      const call = peerCall(command)
      if (call !== null) calls.push(call)
    },
    play: () => {
      let done = 0
      for (const call of calls) done += playPeer(book, call)
      calls.length = 0
      return done
    }
  }
}

function processorMs (): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Messages a second of processor time, over the whole flow. */
function rate ({ take, play }: Engine, limit: number): number {
  let messages = 0
  let spentMs = 0
  const run = (): void => {
    const before = processorMs()
    play()
    spentMs += processorMs() - before
  }
  for (const { command } of flash1({ ...flow, limit })) {
    take(command)
    if (++messages % batchMessages === 0) run()
  }
  run()
  return messages / spentMs * 1000
}

/** What the flow came to, so that a figure stands for the right answer. */
function proof (limit: number): string {
  const state = new Matching()
  const tape = new Tape()
  const reports = new Reports({ tickSize: flash1TickSize })
  for (const { sequence, command } of flash1({ ...flow, limit })) {
    apply(state, command, position, tape)
    if (sequence !== null) reports.add(sequence, tape.outputs())
  }
  const stateHash = hash('sha256', writeSnapshot(takeSnapshot(state)))
  return `reports ${reports.summary().sha256.slice(0, 12)}, state ${stateHash.slice(0, 12)}`
}

type Contest = {
  readonly name: string
  readonly beside: string
  readonly engines: () => readonly [Engine, Engine]
  readonly limit: number
  readonly rounds: number
  readonly goal: number | null
  readonly conditions: string
}

function row ({ name, beside, engines, limit, rounds, goal, conditions }: Contest): BenchRow {
  const proven = proof(limit)
  const play = (): number[] => engines().map(engine => rate(engine, limit))
  for (let warmUp = 0; warmUp < rounds; warmUp++) play()
  const rates = Array.from({ length: rounds }, play)
  const ratio = median(rates.map(([ours, theirs]) => ours! / theirs!))
  return {
    name,
    unit: 'messages/s',
    value: Math.round(median(rates.map(([ours]) => ours!))),
    beside,
    besideValue: Math.round(median(rates.map(([, theirs]) => theirs!))),
    ratio: Number(ratio.toFixed(2)),
    goal,
    ok: goal === null || ratio >= goal,
    conditions: `flash1, first ${limit} messages, median of ${rounds} after as many to warm up, in batches of ${batchMessages}; ` +
      `${proven}; ${conditions}`
  }
}

const peerDiffers = 'processor time; the peer with self-trade prevention on, its text ids and options made beforehand; ' +
  'it returns objects, and has no fill or delta sequences, level deltas, updates to makers by name, bands, pauses or notional limits'

export function matchingCore ({ small }: { small: boolean }): Promise<BenchRow[]> {
  const messages = small ? 20_000 : 1_996_097
  const rounds = small ? 1 : 3
  const peer = { beside: 'nodejs-order-book', limit: messages, rounds }
  return Promise.resolve([
    row({
      ...peer,
      name: 'matching core',
      engines: () => [rowsEngine(), peerEngine()],
      goal: small ? null : 30,
      conditions: `outputs as rows, each read; ${peerDiffers}`
    }),
    row({
      ...peer,
      name: 'matching core, records made',
      engines: () => [recordsEngine(), peerEngine()],
      goal: null,
      conditions: `outputs as objects, as the stage emits them; ${peerDiffers}`
    }),
    row({
      name: 'matching core and its twin',
      beside: 'naive twin',
      limit: small ? 2000 : 20_000,
      rounds,
      engines: () => [rowsEngine(), naiveEngine()],
      goal: null,
      conditions: 'the twin sorts one list anew for each command'
    })
  ])
}
