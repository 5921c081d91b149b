// What a client is told when the ledger or matching says no, or when nobody can say yet: one table from their words to
// codes, fields and sentences.

import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { RefusalReason } from '../../schemas/matching/records.ts'
import { ApiError, type ErrorCode } from '../errors.ts'
import type { Answer, LedgerPort, OrderView } from '../ports.ts'
import type { HolderId, OrderId } from '../../schemas/units.ts'
import { orderIdText } from './order-ids.ts'

export type Reason = LedgerRefusal | RefusalReason

/** With a field: what is wrong with it. Without: a sentence. */
type Told = { readonly code: ErrorCode, readonly text: string, readonly field?: string }

const told = (code: ErrorCode, text: string): Told => ({ code, text })
const about = (code: ErrorCode, field: string, text: string): Told => ({ code, text, field })

const tells: Readonly<Record<Reason, Told>> = {
  unknown_holder: told('unknown_holder', 'The ledger has no accounts of yours; an administrator opens them.'),
  unknown_instrument: about('unknown_instrument', 'market_id', 'is not open to orders'),
  client_order_id_conflict: told('client_order_id_conflict', 'This client_order_id stands for an order with other content.'),
  reference_conflict: told('reference_conflict', 'This reference stands for something with other content.'),
  too_late: told('not_accepted', 'The log did not take this in time: nothing happened, and nothing will. Send it again.'),
  unknown_order: told('order_not_found', 'You have no such order.'),
  order_already_cancelled: told('order_already_cancelled', 'The order is already cancelled.'),
  order_already_filled: told('order_already_filled', 'The order is already filled.'),
  order_closed: told('order_closed', 'The order is already closed.'),
  amend_pending: told('amend_pending', 'Another change of this order is under way; send this one once it is answered.'),
  account_suspended: told('account_suspended', 'The account is suspended: orders can be cancelled, and nothing else.'),
  auto_mode_trading_restricted: told(
    'auto_mode_trading_restricted',
    'The account is in Auto Mode, in which the market buys for it. Switch it to Advanced Mode to place and change orders.'
  ),
  not_an_issuer: told('not_an_issuer', 'Only suppliers issue supply.'),
  other_owner: told('other_owner', 'Money moves between accounts of one owner only.'),
  unsupported: about('unsupported', 'type', 'does not go together with the other fields of the order'),
  invalid_quantity: about('invalid_quantity', 'quantity', 'is outside what the market allows'),
  invalid_price: about('invalid_price', 'price', 'cannot be used here'),
  off_tick: about('off_tick', 'price', 'is not on a tick of the market'),
  invalid_stop_price: about('invalid_stop_price', 'stop_price', 'cannot be used here'),
  invalid_expiry: about('invalid_expiry', 'expires_at', 'is not in the future'),
  invalid_notional: about('invalid_notional', 'notional', 'cannot be used here'),
  invalid_amount: about('invalid_amount', 'amount', 'cannot be used here'),
  reduce_only_buy: about('reduce_only_buy', 'reduce_only', 'is for sells: there are no short positions that a buy could reduce'),
  notional_too_large: about('notional_too_large', 'quantity', 'makes the order worth more than $10,000,000'),
  too_many_open_orders: told('too_many_open_orders', 'You have as many open orders in this market as you may have.'),
  insufficient_balance: told('INSUFFICIENT_BALANCE', 'There is not enough money available.'),
  insufficient_units: told('INSUFFICIENT_BALANCE', 'There are not enough units available.'),
  duplicate_order: told('duplicate_order', 'There is such an order already.'),
  halted: told('halted', 'The market is halted: orders can be cancelled, and nothing else.'),
  paused: told('paused', 'The market pauses after a trade at its price band: orders can be cancelled, and nothing else.'),
  price_band: about('price_band', 'price', 'is too far from the market'),
  post_only_would_cross: about('post_only_would_cross', 'post_only', 'is set, and the order would trade at once'),
  not_halted: told('not_halted', 'This needs a halt of the market.'),
  order_changed: told('order_changed', 'An order of your own took some of this one meanwhile; look at it and amend it again.'),
  period_closed: told('period_closed', 'The sweep came before this sell: its units are in Consumption now.')
}

/** Where the words of other resources differ from those of orders. */
export type FieldNames = Readonly<Record<string, string>>

const again = { 'retry-after': '1' }

/** `order`: the one that was refused, so that it can be found in the history. */
type About = { readonly order?: OrderView | null, readonly names?: FieldNames }

export function refused (reason: Reason, { order, names = {} }: About = {}): ApiError {
  const { code, text, field } = tells[reason]
  const details = { reason, ...(order == null ? {} : { order_id: orderIdText(order.orderId) }) }
  if (field === undefined) return new ApiError(code, text, { details, ...(code === 'not_accepted' ? { headers: again } : {}) })
  const name = names[field] ?? field
  return new ApiError(code, `${name} ${text}.`, { details, fields: { [name]: [text] } })
}

/** Nobody can say yet what becomes of the command. */
export function outcomeUnknown (orderId: OrderId | null = null): ApiError {
  const message = 'The market did not say in time what became of this: it may have taken effect, or may do so within a ' +
    'minute. Look before you sign another: an order is found by its id or by its client_order_id ' +
    '(GET /orders/by-client-order-id/…). The same request, sent again as it is, takes effect once.'
  const details = orderId === null ? {} : { order_id: orderIdText(orderId) }
  return new ApiError('outcome_unknown', message, { details, headers: again })
}

const isReason = (refusal: string): refusal is Reason => Object.hasOwn(tells, refusal)

type Of<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>

function expected<Kind extends Answer['kind']> (kind: Kind, answer: Answer | undefined, names: FieldNames): Of<Kind> {
  if (answer?.kind === kind) return answer as Of<Kind>
  switch (answer?.kind) {
    case 'refused': {
      // The words of requests that take tokens: nothing here asks for such.
      if (!isReason(answer.refusal)) throw new Error(`the ledger refused a trader's command with ${answer.refusal}`)
      throw refused(answer.refusal, { order: answer.order, names })
    }
    case 'not_accepted': throw refused('too_late')
    case 'unknown': throw outcomeUnknown(answer.orderId)
    default: throw new Error(`the ledger's port answered ${answer?.kind ?? 'nothing'} where ${kind} was asked for`)
  }
}

/** The order that a command was about, or an `ApiError`. */
export const ordered = (answer: Answer | undefined): Of<'order'> => expected('order', answer, {})

/** What a command about accounts did, or an `ApiError`. */
export const done = (answer: Answer | undefined): Of<'done'> => expected('done', answer, { market_id: 'instrument_id' })

/** Refuses to show what may be old: a replica that is being restored knows less than it did. */
export function assertReady (ledger: LedgerPort, holder: HolderId): void {
  if (ledger.isReady(holder)) return
  throw new ApiError('unavailable', 'Your accounts are still being restored here; try again.', { headers: again })
}
