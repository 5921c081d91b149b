// Words of the ledger's scenarios made into commands, and what is seen made into words.

import type { OrderView } from '../../pipelines/ledger/views.ts'
import type { FeeTier, LedgerCommand, OcoStop, SetLedgerParameters } from '../../schemas/ledger/commands.ts'
import {
  type HolderId, type Microdollars, basisPoints, instrumentId, microdollars, ownerId, units
} from '../../schemas/units.ts'
import { type OrderWords, money, moneyText } from './language.ts'

export const dollars = (amount: number): string => amount < 0 ? `-$${moneyText(-amount)}` : `$${moneyText(amount)}`

/** Without a price it is a market order's, as far as slippage goes. */
export function secondLegOf ({ stop, price }: NonNullable<OrderWords['or']>, slip: (stop: number) => number): OcoStop {
  return { isLimit: price !== null, stopPrice: stop, price: price ?? microdollars(slip(stop)) }
}

export function tierIn (text: string): FeeTier {
  const [, from, maker, taker] = /^(?:(\S+) )?(\d+)\/(\d+)$/.exec(text)!
  return { volumeFrom: money(from ?? '0'), makerBp: basisPoints(Number(maker)), takerBp: basisPoints(Number(taker)) }
}

export function limitsIn (text: string): Partial<SetLedgerParameters> {
  const [, aDay, atOnce] = /^free (\d+) a day (\d+) at once$/.exec(text) ?? []
  if (aDay === undefined) return { openOrdersMax: Number(text) }
  return { freeRequestsPerDay: Number(aDay), freeOpenMax: Number(atOnce) }
}

export function orderText (view: OrderView): string {
  const { status, filledQuantity, quantity, fee, heldAmount, side, isCancelPending, isAmendPending } = view
  const texts: string[] = [status]
  if (quantity > 0) texts.push(`${filledQuantity} of ${quantity}`)
  if (view.price !== null) texts.push(`at ${moneyText(view.price)}`)
  if (fee > 0) texts.push(`fee ${dollars(fee)}`)
  if (heldAmount > 0) texts.push(`holds ${side === 'buy' ? dollars(heldAmount) : heldAmount}`)
  if (isCancelPending) texts.push('cancel asked')
  if (isAmendPending) texts.push('amend asked')
  return texts.join(', ')
}

type Words = {
  readonly holder: HolderId
  readonly reference: string
  readonly holderOf: (name: string) => HolderId
}

/** What a holder does that is no order's; null where it is something else. */
export function commandsOf (body: string, { holder, reference, holderOf }: Words): LedgerCommand[] | null {
  const [verb = '', first = '', second = '', third = ''] = body.replace(/^is granted/, 'granted').split(' ')
  const owner = ownerId(1)
  const text = instrumentId('text-prime')
  const amount = (): Microdollars => money(first)
  const quantity = () => units(Number(first))
  switch (verb) {
    case 'deposits': return [{ kind: 'deposit', holder, amount: amount(), isGrant: false, reference }]
    case 'granted': return [{ kind: 'deposit', holder, amount: amount(), isGrant: true, reference }]
    case 'withdraws': return [{ kind: 'withdraw', holder, amount: amount(), reference }]
    case 'finalizes': return [{ kind: 'finalize-proceeds', holder, amount: amount(), reference }]
    case 'sends': return [{ kind: 'transfer-funds', holder, owner, to: holderOf(third), amount: amount(), reference }]
    case 'issues': return [{ kind: 'issue-supply', holder, instrumentId: text, quantity: quantity(), reference }]
    case 'offers': return (['issue-supply', 'transfer-issued'] as const).map(kind => ({ kind, holder, instrumentId: text, quantity: quantity(), reference }))
    case 'moves': return [{ kind: third === 'trading' ? 'transfer-issued' : 'transfer-to-consumption', holder, instrumentId: text, quantity: quantity(), reference }]
    case 'mode': return [{ kind: 'set-account-mode', holder, mode: first as 'easy' | 'advanced' }]
    case 'dead-man': return [{ kind: 'set-dead-man', holder, timeoutMs: Number(first) }]
    case 'cancels': return [{ kind: 'cancel-all', holder, instrumentId: second === 'in' ? instrumentId(third) : null, reason: 'cancelled' }]
    default: return null
  }
}
