// Money that moves without a trade: in, out, between holders of one owner, and from pending to cash.

import type {
  Deposit, FinalizeProceeds, ReceiveFunds, ReturnFunds, TransferFunds, Withdraw
} from '../../schemas/ledger/commands.ts'
import type { EntryType } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import { holderField } from './holders.ts'
import { Postings, addToHouse, sayEntry, usd } from './journal.ts'
import { hasReference, keyOf, refusalOfKeyed, sayOutcome, settle, type Subject } from './keyed.ts'
import { type Ledger, type Position, type Say, balanceMax } from './ledger.ts'
import { isWholeWithin } from './order-checks.ts'

type MoneyCommand = Deposit | Withdraw | TransferFunds | FinalizeProceeds

/** The house's side of deposits is a sum over all holders, and has to stay a number. */
const houseMax = Number.MAX_SAFE_INTEGER - balanceMax

export function moveMoney (state: Ledger, command: MoneyCommand, position: Position, say: Say): void {
  const creditsOnly = command.kind === 'deposit' || command.kind === 'finalize-proceeds'
  const subject = { command, content: contentOf(command), creditsOnly, instrumentId: null }
  settle(state, subject, say, () => refusalOfMoney(state, subject, position) ?? move(state, command, say))
}

function contentOf (command: MoneyCommand): string {
  switch (command.kind) {
    case 'deposit': return `${command.amount} ${command.isGrant}`
    case 'transfer-funds': return `${command.amount} ${command.owner} ${command.to}`
    case 'withdraw':
    case 'finalize-proceeds': return String(command.amount)
  }
}

function refusalOfMoney (
  state: Ledger, subject: Subject & { command: MoneyCommand }, position: Position
): LedgerRefusal | null {
  const { command } = subject
  const refusal = refusalOfKeyed(state, subject, position)
  if (refusal !== null) return refusal
  if (command.kind === 'transfer-funds') {
    if (command.owner !== state.holders.of(state.holders.find(command.holder), holderField.owner)) return 'other_owner'
    if (command.to === command.holder || !Number.isSafeInteger(command.to) || command.to < 1) return 'unsupported'
  }
  if (!hasReference(command)) return 'unsupported'
  return isWholeWithin(command.amount, 1, balanceMax) ? null : 'invalid_amount'
}

function move (state: Ledger, command: MoneyCommand, say: Say): LedgerRefusal | null {
  const holder = state.holders.find(command.holder)
  switch (command.kind) {
    case 'deposit': return deposit(state, holder, command, say)
    case 'withdraw': return withdraw(state, holder, command, say)
    case 'transfer-funds': return send(state, holder, command, say)
    case 'finalize-proceeds': return finalize(state, holder, command, say)
  }
}

/** How much, in microdollars; and under which reference. */
type Asked = { readonly amount: number, readonly reference: string }

type Money = { readonly type: EntryType, readonly reference: string, readonly postings: Postings }

function sayMoney (state: Ledger, holder: number, { type, reference, postings }: Money, say: Say): void {
  sayEntry(state, { holder, type, reference, instrumentId: null, postings: postings.list, cost: 0 }, say)
}

/** Dr cash or grant; Cr deposits or grants. */
function deposit (
  state: Ledger, holder: number, { amount, isGrant, reference }: Asked & { readonly isGrant: boolean }, say: Say
): LedgerRefusal | null {
  const field = isGrant ? holderField.grant : holderField.cash
  const account = isGrant ? 'grants' : 'deposits'
  if (state.holders.of(holder, field) + amount > balanceMax || amount - state.house[account] > houseMax) return 'invalid_amount'
  state.holders.add(holder, field, amount)
  addToHouse(state, account, -amount)
  if (!isGrant) state.holders.markPaid(holder)
  const postings = new Postings(state, holder).own(isGrant ? 'grant' : 'cash', usd, amount).house(account, usd, -amount)
  sayMoney(state, holder, { type: isGrant ? 'grant' : 'deposit', reference, postings }, say)
  return null
}

/** Cr cash that no order holds; never grant money. */
function withdraw (state: Ledger, holder: number, { amount, reference }: Asked, say: Say): LedgerRefusal | null {
  if (state.holders.cashAvailable(holder) < amount) return 'insufficient_balance'
  state.holders.add(holder, holderField.cash, -amount)
  addToHouse(state, 'deposits', amount)
  const postings = new Postings(state, holder).own('cash', usd, -amount).house('deposits', usd, amount)
  sayMoney(state, holder, { type: 'withdrawal', reference, postings }, say)
  return null
}

/** Cr cash, Dr in_transit; the receiver's partition does the rest. */
function send (state: Ledger, holder: number, command: TransferFunds, say: Say): LedgerRefusal | null {
  const { owner, to, reference } = command
  const amount: number = command.amount
  if (state.holders.cashAvailable(holder) < amount) return 'insufficient_balance'
  state.holders.add(holder, holderField.cash, -amount)
  addToHouse(state, 'inTransit', amount)
  const postings = new Postings(state, holder).own('cash', usd, -amount).house('in_transit', usd, amount)
  sayMoney(state, holder, { type: 'transfer_out', reference, postings }, say)
  say({ kind: 'receive-funds', holder: to, owner, from: command.holder, amount: command.amount, reference })
  return null
}

/** Dr cash, Cr pending: proceeds of issued units, now that they were delivered. */
function finalize (
  state: Ledger, holder: number, { amount, reference }: Asked, say: Say
): LedgerRefusal | null {
  if (state.holders.of(holder, holderField.pending) < amount) return 'insufficient_balance'
  state.holders.add(holder, holderField.pending, -amount)
  state.holders.add(holder, holderField.cash, amount)
  const postings = new Postings(state, holder).own('pending', usd, -amount).own('cash', usd, amount)
  sayMoney(state, holder, { type: 'proceeds_final', reference, postings }, say)
  return null
}

/** Dr cash, Cr in_transit; or back to the sender. What comes twice, or is no amount, is neither taken nor sent back. */
export function receiveFunds (state: Ledger, command: ReceiveFunds, say: Say): void {
  const { holder: receiver, owner, from, amount, reference } = command
  const subject = { command, content: `${amount} ${owner}`, creditsOnly: true, instrumentId: null }
  const isKnown = state.references.find(keyOf(command)) !== undefined
  const isAmount = isWholeWithin(amount, 1, balanceMax)
  const refusal = settle(state, subject, say, () => {
    const holder = state.holders.find(receiver)
    if (holder === 0) return 'unknown_holder'
    if (isKnown) return 'reference_conflict'
    if (state.holders.of(holder, holderField.owner) !== owner) return 'other_owner'
    if (!isAmount || state.holders.of(holder, holderField.cash) + amount > balanceMax) return 'invalid_amount'
    credit(state, holder, { type: 'transfer_in', amount, reference }, say)
    state.holders.markPaid(holder)
    return null
  })
  if (refusal === null || isKnown || !isAmount) return
  say({ kind: 'return-funds', holder: from, to: receiver, amount, refusal, reference })
}

/** What could not be taken comes back: the transfer is as if it had never been, and may be asked for again. */
export function returnFunds (state: Ledger, command: ReturnFunds, say: Say): void {
  const { amount, refusal, reference } = command
  const holder = state.holders.find(command.holder)
  if (holder !== 0) {
    credit(state, holder, { type: 'transfer_returned', amount, reference }, say)
    state.references.release({ kind: 'transfer-funds', holder: command.holder, reference })
  }
  sayOutcome(state, { holder: command.holder, command: 'transfer-funds', refusal: holder === 0 ? 'unknown_holder' : refusal, reference }, say)
}

function credit (
  state: Ledger, holder: number, money: { type: EntryType, amount: number, reference: string }, say: Say
): void {
  const { type, amount, reference } = money
  state.holders.add(holder, holderField.cash, amount)
  addToHouse(state, 'inTransit', -amount)
  const postings = new Postings(state, holder).own('cash', usd, amount).house('in_transit', usd, -amount)
  sayMoney(state, holder, { type, reference, postings }, say)
}
