// A ledger of accounts as small as it can be: money and units, commands under references, and the history that
// analytics would have of them. It knows no orders; who needs those takes the real cores.

import type {
  AccountHistoryPort, Activity, Answer, HolderView, LedgerPort, Movement, PositionView, User
} from '../../gateway/ports.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { CommandOutcome, HolderAccount } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import { basisPoints, instant, microdollars, orderId, tokens, units, type HolderId, type InstrumentId } from '../../schemas/units.ts'
import { desk, supplier, trader } from './people.ts'
import { now, noAccountHistory, prime, quietLedger } from './support.ts'

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
type Accounts = { view: Writable<HolderView>, positions: Map<InstrumentId, Writable<PositionView>> }

function accountsOf (user: User): Accounts {
  const view: HolderView = {
    holder: user.userId,
    isIssuer: user.roles.includes('supplier'),
    isSuspended: false,
    mode: 'advanced',
    cash: { posted: 100_000_000, held: 25_000_000 },
    grant: { posted: 25_000_000, held: 0 },
    pending: microdollars(0),
    volume: microdollars(1_210_800),
    makerBp: basisPoints(0),
    takerBp: basisPoints(10),
    deadManAt: null
  }
  return { view, positions: new Map() }
}

const tokensOf = (available: number) => ({ posted: tokens(available), held: tokens(0), available: tokens(available) })

const noUnits = (instrumentId: InstrumentId): PositionView => ({
  instrumentId, trading: { posted: 0, held: 0 }, cost: microdollars(0), issuance: units(0), consumption: tokensOf(0)
})

type Booked = {
  readonly movement: Movement
  readonly holder: HolderId
  readonly account: HolderAccount
  readonly isIn: boolean
}

export type FakeAccounts = {
  readonly ledger: LedgerPort
  readonly accountHistory: AccountHistoryPort
  /** Every command that came, the refused and the repeated ones too. */
  readonly heard: LedgerCommand[]
  /** What the next commands are answered with instead. */
  readonly answerWith: (answer: Answer | null) => void
}

/** Who has accounts here: the trader with 7 units of text-prime (2 of them held), its desk, and the supplier. */
export function fakeAccounts (): FakeAccounts {
  const accounts = new Map([trader, desk, supplier].map(user => [user.userId, accountsOf(user)]))
  accounts.get(trader.userId)!.positions.set(prime.instrumentId, {
    ...noUnits(prime.instrumentId), trading: { posted: 7, held: 2 }, cost: microdollars(706_300)
  })
  const heard: LedgerCommand[] = []
  const booked: Booked[] = []
  const done = new Map<string, string>()
  let forced: Answer | null = null

  const positionOf = (holder: HolderId, instrumentId: InstrumentId): Writable<PositionView> => {
    const { positions } = accounts.get(holder)!
    const position = positions.get(instrumentId) ?? { ...noUnits(instrumentId) }
    positions.set(instrumentId, position)
    return position
  }

  const book = (holder: HolderId, legs: ReadonlyArray<[HolderAccount, boolean]>, what: Omit<Movement, 'entry' | 'bookedAt'>): void => {
    const movement = { ...what, entry: booked.length + 1, bookedAt: instant(now - 1000 + booked.length) }
    for (const [account, isIn] of legs) booked.push({ movement, holder, account, isIn })
  }

  function apply (command: LedgerCommand): LedgerRefusal | null {
    switch (command.kind) {
      case 'issue-supply': {
        const { holder, instrumentId, quantity, reference } = command
        const position = positionOf(holder, instrumentId)
        position.issuance = units(position.issuance + quantity)
        book(holder, [['issuance', true]], { type: 'issuance', reference, instrumentId, amount: quantity })
        return null
      }
      case 'transfer-issued': {
        const { holder, instrumentId, quantity, reference } = command
        const position = positionOf(holder, instrumentId)
        if (position.issuance < quantity) return 'insufficient_units'
        position.issuance = units(position.issuance - quantity)
        position.trading = { posted: position.trading.posted + quantity, held: position.trading.held }
        book(holder, [['issuance', false], ['trading', true]], { type: 'issued_transfer', reference, instrumentId, amount: quantity })
        return null
      }
      case 'transfer-to-consumption': {
        const { holder, instrumentId, quantity, reference } = command
        const position = positionOf(holder, instrumentId)
        if (position.trading.posted - position.trading.held < quantity) return 'insufficient_units'
        position.trading = { posted: position.trading.posted - quantity, held: position.trading.held }
        position.consumption = tokensOf(position.consumption.available + quantity * 1_000_000)
        book(holder, [['trading', false], ['consumption', true]], { type: 'consumption_transfer', reference, instrumentId, amount: quantity })
        return null
      }
      case 'transfer-funds': {
        const [from, to] = [accounts.get(command.holder)!.view, accounts.get(command.to)!.view]
        if (from.cash.posted - from.cash.held < command.amount) return 'insufficient_balance'
        from.cash = { posted: from.cash.posted - command.amount, held: from.cash.held }
        to.cash = { posted: to.cash.posted + command.amount, held: to.cash.held }
        const what = { reference: command.reference, instrumentId: null, amount: command.amount }
        book(command.holder, [['cash', false]], { type: 'transfer_out', ...what })
        book(command.to, [['cash', true]], { type: 'transfer_in', ...what })
        return null
      }
      default: return 'unsupported'
    }
  }

  function answer (command: LedgerCommand): Answer {
    heard.push(command)
    if (forced !== null) return forced
    if (!('reference' in command) || !('holder' in command)) throw new Error(`${command.kind} is not about accounts`)
    const { reference, holder, kind, ...content } = command
    const key = `${holder} ${kind} ${reference}`
    const first = done.get(key)
    if (first !== undefined && first !== JSON.stringify(content)) return { kind: 'refused', refusal: 'reference_conflict', order: null }
    const refusal = first === undefined ? apply(command) : null
    if (refusal !== null) return { kind: 'refused', refusal, order: null }
    done.set(key, JSON.stringify(content))
    const about = { command: kind, refusal: null, orderId: orderId(0), count: 0 }
    const outcome: CommandOutcome = { kind: 'command-outcome', holder, ...about, reference, at: now }
    return { kind: 'done', outcome, entries: [], position: { topic: 'ledger-1', partition: holder % 8, offset: heard.length } }
  }

  const rowsOf = (holder: HolderId): Booked[] => booked.filter(each => each.holder === holder)

  return {
    heard,
    answerWith: answer => { forced = answer },
    ledger: quietLedger({
      submit: async commands => Promise.resolve(commands.map(({ command }) => answer(command))),
      holder: holder => accounts.get(holder)?.view ?? null,
      positions: holder => [...accounts.get(holder)?.positions.values() ?? []]
    }),
    accountHistory: {
      ...noAccountHistory,
      movements: async ({ holder, types, conditions, beyond, limit, order }) => {
        const sign = order === 'asc' ? 1 : -1
        const movements = new Map(rowsOf(holder).map(({ movement }) => [movement.entry, movement])).values().toArray()
        return Promise.resolve(movements
          .filter(({ type }) => types.includes(type))
          .filter(each => conditions.every(one => one.field !== 'instrumentId' || (each.instrumentId === one.value) === (one.op === '==')))
          .filter(({ entry }) => beyond === null || sign * (entry - beyond) > 0)
          .sort((a, b) => sign * (a.entry - b.entry)).slice(0, limit))
      },
      activity: async holder => Promise.resolve(activityOf(rowsOf(holder)))
    }
  }
}

function activityOf (rows: readonly Booked[]): Activity[] {
  const groups = Map.groupBy(rows, ({ account, movement }) => `${account} ${movement.instrumentId} ${movement.type}`)
  return [...groups.values()].map(([first, ...others]) => {
    const all = [first!, ...others]
    const { account, movement: { instrumentId, type } } = first!
    const scale = account === 'consumption' ? 1_000_000n : 1n
    const sum = (isIn: boolean) => all.filter(each => each.isIn === isIn)
      .reduce((to, { movement }) => to + BigInt(movement.amount) * scale, 0n)
    const times = all.map(({ movement }) => movement.bookedAt)
    return {
      account,
      instrumentId,
      type,
      in: sum(true),
      out: sum(false),
      firstAt: instant(Math.min(...times)),
      lastAt: instant(Math.max(...times))
    }
  })
}
