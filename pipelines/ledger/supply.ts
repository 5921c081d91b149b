// Units that move without a trade: issued, from Issuance to Trading, from Trading to Consumption.

import type { IssueSupply, TransferIssued, TransferToConsumption } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import { periodOf, quantityMax } from '../../schemas/units.ts'
import type { ListedInstrument } from './instruments.ts'
import { Postings, sayEntry } from './journal.ts'
import { type Ledger, type Position, type Say, balanceMax } from './ledger.ts'
import { hasReference, refusalOfKeyed, settle, type Subject } from './keyed.ts'
import { bookDue } from './lots/due.ts'
import { lifeMs } from './lots/life.ts'
import { hasRoom, moveToConsumption } from './lots/opening.ts'
import { isWholeWithin } from './order-checks.ts'
import { positionField } from './positions.ts'
import { type Part, appendTranche, ordinaryUnits, takeOrdinary } from './tranches.ts'

type SupplyCommand = IssueSupply | TransferIssued | TransferToConsumption

/** Issues units, moves issued ones to Trading, or units of Trading to Consumption, for good. */
export function moveSupply (state: Ledger, command: SupplyCommand, position: Position, say: Say): void {
  const { instrumentId, quantity } = command
  const subject = { command, content: `${instrumentId} ${quantity}`, creditsOnly: false, instrumentId }
  const instrument = state.instruments.find(instrumentId)
  const holder = state.holders.find(command.holder)
  const home = holder === 0 || instrument === undefined ? 0 : state.positions.find(holder, instrument.index)
  if (home !== 0) bookDue(state, home, say)
  settle(state, subject, say, () => refusalOfSupply(state, subject, position) ?? move(state, command, say))
}

function refusalOfSupply (
  state: Ledger, subject: Subject & { command: SupplyCommand }, position: Position
): LedgerRefusal | null {
  const { holder, kind, quantity } = subject.command
  const refusal = refusalOfKeyed(state, subject, position)
  if (refusal !== null) return refusal
  const slot = state.holders.find(holder)
  if (kind !== 'transfer-to-consumption' && !state.holders.isIssuer(slot)) return 'not_an_issuer'
  if (!hasReference(subject.command)) return 'unsupported'
  return isWholeWithin(quantity, 1, quantityMax) ? null : 'invalid_quantity'
}

function move (state: Ledger, command: SupplyCommand, say: Say): LedgerRefusal | null {
  const holder = state.holders.find(command.holder)
  const instrument = state.instruments.find(command.instrumentId)!
  switch (command.kind) {
    case 'issue-supply': return issue(state, { holder, instrument, command }, say)
    case 'transfer-issued': return transferIssued(state, { holder, instrument, command }, say)
    case 'transfer-to-consumption': return transferToConsumption(state, { holder, instrument, command }, say)
  }
}

type Move = {
  readonly holder: number
  readonly instrument: ListedInstrument
  readonly command: { readonly quantity: number, readonly reference: string }
}

/** Dr issuance, Cr issued. */
function issue (
  state: Ledger, { holder, instrument, command: { quantity, reference } }: Move, say: Say
): LedgerRefusal | null {
  const { positions } = state
  const position = positions.at(holder, instrument.index)
  if (positions.of(position, positionField.issuance) + quantity > balanceMax) return 'invalid_quantity'
  if (-instrument.issued + quantity > balanceMax) return 'invalid_quantity'
  positions.add(position, positionField.issuance, quantity)
  instrument.issued -= quantity
  const { instrumentId } = instrument
  const { list } = new Postings(state, holder).own('issuance', instrumentId, quantity).house('issued', instrumentId, -quantity)
  sayEntry(state, { holder, type: 'issuance', reference, instrumentId, postings: list, cost: 0 }, say)
  return null
}

/** Dr trading, Cr issuance; a tranche that cost nothing. */
function transferIssued (
  state: Ledger, { holder, instrument, command: { quantity, reference } }: Move, say: Say
): LedgerRefusal | null {
  const { positions } = state
  const position = positions.find(holder, instrument.index)
  if (position === 0 || positions.of(position, positionField.issuance) < quantity) return 'insufficient_units'
  positions.add(position, positionField.issuance, -quantity)
  positions.add(position, positionField.trading, quantity)
  const period = periodOf(state.now)
  appendTranche(positions, position, { sequence: 0, price: 0, units: quantity, grant: 0, isIssued: true, period })
  const { instrumentId } = instrument
  const { list } = new Postings(state, holder).own('issuance', instrumentId, -quantity).own('trading', instrumentId, quantity)
  sayEntry(state, { holder, type: 'issued_transfer', reference, instrumentId, postings: list, cost: 0 }, say)
  return null
}

function transferToConsumption (
  state: Ledger, { holder, instrument, command: { quantity, reference } }: Move, say: Say
): LedgerRefusal | null {
  const { positions } = state
  const position = positions.find(holder, instrument.index)
  if (position === 0 || positions.available(position) < quantity || ordinaryUnits(positions, position) < quantity) return 'insufficient_units'
  if (!hasRoom(state, position, quantity)) return 'invalid_quantity'
  sendToConsumption(state, { position, parts: takeOrdinary(positions, position, quantity), reference }, say)
  return null
}

type Sent = { readonly position: number, readonly parts: readonly Part[], readonly reference: string }

/** Units become tokens, in lots that open now. False, and nothing, where no room is left. */
export function sendToConsumption (state: Ledger, { position, parts, reference }: Sent, say: Say): boolean {
  const { positions, instruments, now } = state
  if (!hasRoom(state, position, parts.reduce((sum, { units }) => sum + units, 0))) return false
  const { ageing } = instruments.at(positions.of(position, positionField.instrument))
  const deadline = ageing.ageAt(now) + lifeMs
  moveToConsumption(state, { position, parts, openedAt: now, deadline, type: 'consumption_transfer', reference }, say)
  return true
}
