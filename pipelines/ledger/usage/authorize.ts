// A request asks for tokens: it gets them, or waits for a purchase, or is refused.

import type { AuthorizeUsage } from '../../../schemas/ledger/usage-commands.ts'
import { holderField } from '../holders.ts'
import { bookDue } from '../lots/due.ts'
import type { Ledger, Position, Say } from '../ledger.ts'
import { isWholeWithin } from '../order-checks.ts'
import { positionField } from '../positions.ts'
import { askedBudget, isSaneBudget, leftOf, periodNumber, setBudget } from './budgets.ts'
import { countFreeRequest, verdictOfFreeTier } from './free-tier.ts'
import { available, hold, park } from './holding.ts'
import { canPay } from './managed.ts'
import { buyForParked } from './purchases.ts'
import { type Refused, refusedState, requestState } from './request-state.ts'
import { requestField as field } from './requests.ts'

/** The most tokens that a request can be about. */
export const tokensMax = 10 ** 12
/** Requests of a holder that may wait at once. */
export const parkedMax = 1000
const textLengthMax = 200

export const isText = ({ length }: string): boolean => length > 0 && length <= textLengthMax

export function authorize (state: Ledger, command: AuthorizeUsage, position: Position, say: Say): void {
  const { requests } = state
  const { home, known } = bookedHome(state, command, say)
  if (known !== 0 && isSame(state, known, command)) {
    say(requestState(state, known, { cause: command.kind, refusal: null }))
    return
  }
  const ofWords = verdict(state, command, { known, isLate: position.isLate })
  // In force whatever becomes of the request: the key's owner may have lowered it.
  if (ofWords === null) setBudget(state, command)
  const refusal = ofWords ?? verdictOfMeans(state, command, home)
  const answer = { cause: command.kind, refusal }
  if (refusal !== null) {
    say(known === 0 ? refusedState(state, command, answer) : requestState(state, known, answer))
    return
  }
  const means = meansOf(state, command, home)
  const request = open(state, command)
  if (means === 'purchase') park(state, request)
  else hold(state, request, { isManaged: means === 'cash' })
  say(requestState(state, request, answer))
  if (means === 'purchase') buyForParked(state, requests.of(request, field.position), position, say)
}

/** The position that it is about, with all that is due booked; and the request that has its id. */
function bookedHome (
  state: Ledger, { holder, instrumentId, requestId }: AuthorizeUsage, say: Say
): { home: number, known: number } {
  const { holders, instruments, positions, requests } = state
  const slot = holders.find(holder)
  const instrument = instruments.find(instrumentId)
  const home = slot === 0 || instrument === undefined ? 0 : positions.find(slot, instrument.index)
  if (home !== 0) bookDue(state, home, say)
  return { home, known: slot === 0 ? 0 : requests.byId.find(slot, requestId) }
}

/** A repeat says the same as the first. */
function isSame ({ requests, positions, instruments }: Ledger, slot: number, command: AuthorizeUsage): boolean {
  const { budget, period } = askedBudget(requests, slot)
  const { instrumentId } = instruments.at(positions.of(requests.of(slot, field.position), positionField.instrument))
  return instrumentId === command.instrumentId && requests.recorders[slot] === command.recorder &&
    requests.of(slot, field.need) === command.need && requests.of(slot, field.min) === command.min &&
    requests.of(slot, field.limitPrice) === (command.limitPrice ?? 0) &&
    requests.of(slot, field.spendMax) === (command.spendMax ?? 0) &&
    requests.of(slot, field.managedPrice) === (command.managedPrice ?? 0) &&
    requests.keyIds[slot] === command.keyId && budget === command.budget &&
    (budget === null || period === periodNumber(command.budgetPeriod))
}

type Asker = { readonly known: number, readonly isLate: boolean }

function verdict (state: Ledger, command: AuthorizeUsage, { known, isLate }: Asker): Refused | null {
  const { holders, instruments } = state
  const holder = holders.find(command.holder)
  if (holder === 0) return 'unknown_holder'
  if (instruments.find(command.instrumentId) === undefined) return 'unknown_instrument'
  if (isLate) return 'too_late'
  if (holders.isSuspended(holder)) return 'account_suspended'
  if (known !== 0) return 'request_conflict'
  const { need, min, requestId, recorder, limitPrice, spendMax, managedPrice } = command
  const isMoney = (amount: number | null): boolean =>
    amount === null || isWholeWithin(amount, 1, Number.MAX_SAFE_INTEGER)
  const isSane = isText(requestId) && isText(recorder) && [limitPrice, spendMax, managedPrice].every(isMoney) &&
    isWholeWithin(need, 1, tokensMax) && isWholeWithin(min, 1, need) && isSaneBudget(command)
  return isSane ? null : 'invalid_tokens'
}

/** Whether it may ask, and there is something for it to be served by. */
function verdictOfMeans (state: Ledger, command: AuthorizeUsage, home: number): Refused | null {
  const { holders, keys } = state
  const holder = holders.find(command.holder)
  const ofFreeTier = verdictOfFreeTier(state, holder)
  if (ofFreeTier !== null) return ofFreeTier
  if (leftOf(state, keys.byId.find(holder, command.keyId)) < command.min) return 'budget_exhausted'
  const means = meansOf(state, command, home)
  if (means === null) return 'insufficient_tokens'
  return means === 'purchase' && isFull(state, holder) ? 'too_many_parked' : null
}

const isFull = ({ holders }: Ledger, holder: number): boolean => holders.of(holder, holderField.parked) >= parkedMax

/** What it is served by: tokens that are there, a purchase of some, or cash for a managed supplier's. */
function meansOf (state: Ledger, command: AuthorizeUsage, home: number): 'lots' | 'purchase' | 'cash' | null {
  const { holders, keys } = state
  const holder = holders.find(command.holder)
  const there = home === 0 ? 0 : available(state, home)
  const hasEnough = there >= command.min
  if (holders.isEasy(holder) && command.limitPrice !== null) {
    const hasAll = there >= Math.min(command.need, leftOf(state, keys.byId.find(holder, command.keyId)))
    // An answer that is cut short is worse than one that begins a moment later; none at all is worse than both.
    return hasAll || (hasEnough && isFull(state, holder)) ? 'lots' : 'purchase'
  }
  if (hasEnough) return 'lots'
  return canPay(state, holder, { price: command.managedPrice ?? 0, tokens: command.min }) ? 'cash' : null
}

function open (state: Ledger, command: AuthorizeUsage): number {
  const { requests, holders, positions, instruments, keys } = state
  const slot = requests.take()
  const holder = holders.find(command.holder)
  const { index } = instruments.find(command.instrumentId)!
  requests.put(slot, field.position, positions.at(holder, index))
  requests.put(slot, field.holder, holder)
  requests.put(slot, field.need, command.need)
  requests.put(slot, field.min, command.min)
  requests.put(slot, field.limitPrice, command.limitPrice ?? 0)
  requests.put(slot, field.spendMax, command.spendMax ?? 0)
  requests.put(slot, field.managedPrice, command.managedPrice ?? 0)
  requests.put(slot, field.budget, command.budget === null ? 0 : command.budget + 1)
  requests.put(slot, field.budgetPeriod, command.budget === null ? 0 : periodNumber(command.budgetPeriod))
  requests.put(slot, field.key, keys.byId.find(holder, command.keyId))
  requests.put(slot, field.arrival, ++requests.arrivals)
  requests.ids[slot] = command.requestId
  requests.nonces[slot] = ''
  requests.recorders[slot] = command.recorder
  requests.keyIds[slot] = command.keyId
  requests.enter(slot)
  holders.add(holder, holderField.openRequests, 1)
  countFreeRequest(state, holder)
  return slot
}
