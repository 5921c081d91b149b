// Requests that a managed supplier serves where no tokens can be had: held for in cash, paid token by token.
//
// Tokens × price pass 2^53, so a cost is counted in bigint; it is never more than what pays for it.

import { holderField } from '../holders.ts'
import { Postings, addToHouse, usd } from '../journal.ts'
import type { Ledger } from '../ledger.ts'
import { tokensPerUnit } from '../../../schemas/units.ts'
import { requestField as field } from './requests.ts'

const perUnit = BigInt(tokensPerUnit)

/** Whole microdollars for so many tokens at a price of a unit. */
export const costOf = (tokens: number, price: number): number =>
  Number((BigInt(tokens) * BigInt(price) + perUnit - 1n) / perUnit)

/** How many tokens some money pays for, `most` at most. */
function affordable (money: number, price: number, most: number): number {
  const tokens = BigInt(money) * perUnit / BigInt(price)
  return tokens < BigInt(most) ? Number(tokens) : most
}

const unheldMoney = ({ holders }: Ledger, holder: number): number =>
  holders.cashAvailable(holder) + holders.grantAvailable(holder)

/** Whether a managed supplier may serve, and what the holder has unheld pays for so many tokens. */
export const canPay = (state: Ledger, holder: number, { price, tokens }: { price: number, tokens: number }): boolean =>
  price !== 0 && affordable(unheldMoney(state, holder), price, tokens) === tokens

/** Holds cash for so many tokens more, or for as many as it pays for. Grant money first. Returns how many. */
export function holdCash (state: Ledger, slot: number, more: number): number {
  const { requests, holders } = state
  const holder = requests.of(slot, field.holder)
  const price = requests.of(slot, field.managedPrice)
  const [tokens, held] = [requests.of(slot, field.managed), heldCash(state, slot)]
  const total = affordable(unheldMoney(state, holder) + held, price, tokens + more)
  const cost = costOf(total, price) - held
  const grant = Math.min(cost, holders.grantAvailable(holder))
  addHold(state, slot, { grant, cash: cost - grant })
  requests.put(slot, field.managed, total)
  return total - tokens
}

const heldCash = ({ requests }: Ledger, slot: number): number =>
  requests.of(slot, field.cashHeld) + requests.of(slot, field.grantHeld)

function addHold ({ requests, holders }: Ledger, slot: number, { grant, cash }: { grant: number, cash: number }): void {
  const holder = requests.of(slot, field.holder)
  requests.add(slot, field.grantHeld, grant)
  requests.add(slot, field.cashHeld, cash)
  holders.add(holder, holderField.grantHeld, grant)
  holders.add(holder, holderField.cashHeld, cash)
}

/** Pays for what it is billed, of what it holds. Cr grant and cash, Dr managed. */
export function payManaged (state: Ledger, slot: number, billed: number): Postings {
  const { requests, holders } = state
  const holder = requests.of(slot, field.holder)
  const cost = costOf(billed, requests.of(slot, field.managedPrice))
  const grant = Math.min(cost, requests.of(slot, field.grantHeld))
  giveBackCash(state, slot)
  holders.add(holder, holderField.grant, -grant)
  holders.add(holder, holderField.cash, grant - cost)
  addToHouse(state, 'managed', cost)
  return new Postings(state, holder).own('grant', usd, -grant).own('cash', usd, grant - cost).house('managed', usd, cost)
}

/** It holds nothing any more. */
export function giveBackCash (state: Ledger, slot: number): void {
  const { requests } = state
  addHold(state, slot, { grant: -requests.of(slot, field.grantHeld), cash: -requests.of(slot, field.cashHeld) })
  requests.put(slot, field.managed, 0)
}
