// Two small stages in a circle, as ledger and matching are: a bank holds money and sends offers to a market, which
// pairs them and pays both banks back. A record lost anywhere leaves money held for ever; one doubled makes money.

import type { AcceptedSchema } from '../../schemas/codec.ts'
import { Undecodable } from '../../schemas/codec.ts'
import type { Clock, Named, Stage } from '../../pipelines/runtime/stage.ts'
import type { Binder, Binding } from '../../pipelines/runtime/machine.ts'

export const sizes = { bank: 2, market: 1, entries: 2, letters: 1, snapshots: 3 }

/** What belongs on the topics of the two, as schemas/topics.ts says it of the market's. */
export const carries = { bank: ['deposit', 'offer', 'paid', 'returned', 'clock'], market: ['quote', 'clock'] }

export type BankCommand = {
  readonly kind: 'deposit' | 'offer' | 'paid' | 'returned'
  readonly account: string
  readonly amount: number
  readonly received?: number
  readonly tag?: string
}
export type Quote = { readonly kind: 'quote', readonly bank: number, readonly account: string, readonly amount: number }
export type Entry = { readonly kind: 'entry', readonly text: string }

export type Bank = { balances: Record<string, number>, held: Record<string, number>, effects: Record<string, number> }
export type Market = { waiting: (Omit<Quote, 'kind'> & { at: number })[] }

const kinds = ['deposit', 'offer', 'paid', 'returned', 'quote', 'entry', 'clock', 'dead-letter']
export const listing: AcceptedSchema[] = kinds.map((name, index) => ({ name, id: index + 1, fingerprint: name }))
const text = (state: unknown): string => JSON.stringify(state, (_, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    : value)
const add = (to: Record<string, number>, name: string, amount: number): void => { to[name] = (to[name] ?? 0) + amount }
const lifeMs = 20_000

const stored = <State>(version: number) => ({
  version,
  snapshot: (state: State) => Buffer.from(text(state)),
  restore: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as State
})

export const bank: Stage<Bank, BankCommand, Named> = {
  ...stored<Bank>(1),
  name: 'bank',
  reads: 'bank',
  writes: ['market', 'entries'],
  initial: () => ({ balances: {}, held: {}, effects: {} }),
  apply (state, command: BankCommand | Clock, { partition, isLate, offset }, emit) {
    if (command.kind === 'clock') return
    const { account, amount } = command
    if (isLate) { emit('entries', partition, account, { kind: 'entry', text: `late ${offset}` } as Entry); return }
    if (command.tag !== undefined) add(state.effects, command.tag, 1)
    if (command.kind === 'deposit') add(state.balances, account, amount)
    if (command.kind === 'paid' || command.kind === 'returned') {
      add(state.held, account, -amount)
      add(state.balances, account, command.received ?? amount)
    }
    if (command.kind === 'offer' && (state.balances[account] ?? 0) >= amount) {
      add(state.balances, account, -amount)
      add(state.held, account, amount)
      emit('market', 0, account, { kind: 'quote', bank: partition, account, amount } as Quote)
    }
    emit('entries', partition, account, { kind: 'entry', text: `${command.kind} ${amount}` } as Entry)
  }
}

export const market: Stage<Market, Quote, Named> = {
  ...stored<Market>(1),
  name: 'market',
  reads: 'market',
  writes: ['bank'],
  initial: () => ({ waiting: [] }),
  apply (state, command: Quote | Clock, { at }, emit) {
    if (command.kind === 'clock') {
      while (state.waiting[0] !== undefined && state.waiting[0].at + lifeMs <= at) {
        const { bank, account, amount } = state.waiting.shift()!
        emit('bank', bank, account, { kind: 'returned', account, amount } as BankCommand)
      }
      return
    }
    const { bank, account, amount } = command
    const other = state.waiting.shift()
    if (other === undefined) {
      state.waiting.push({ bank, account, amount, at })
      return
    }
    const theirs = { kind: 'paid', account: other.account, amount: other.amount, received: amount } as BankCommand
    emit('bank', bank, account, { kind: 'paid', account, amount, received: other.amount } as BankCommand)
    emit('bank', other.bank, other.account, theirs)
  }
}

const wireOf = (id: number, value: object): Buffer => {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, Buffer.from(JSON.stringify(value))])
}

function bind (accepted: readonly AcceptedSchema[]): Binding {
  return {
    encode (value) {
      const schema = accepted.find(candidate => candidate.name === value.kind)
      if (schema === undefined) throw new Error(`nothing accepted writes ${value.kind}`)
      return wireOf(schema.id, value)
    },
    decode (bytes) {
      if (bytes === null || bytes.length < 5 || bytes[0] !== 0) throw new Undecodable('not_wire_format', 'no head')
      const isAccepted = accepted.some(candidate => candidate.id === bytes.readInt32BE(1))
      if (!isAccepted) throw new Undecodable('unknown_schema', 'not accepted')
      try {
        return JSON.parse(bytes.toString('utf8', 5)) as Named
      } catch (error) {
        throw new Undecodable('breaks_schema', String(error))
      }
    }
  }
}

export const binder: Binder & { fetch (): Promise<void> } = {
  bind,
  unknown: () => [],
  current: bind(listing),
  fetch: () => Promise.resolve()
}
