// Every order that was taken comes to exactly one end, or is still in the book; none is there twice, or that nobody
// asked for; and what clients were told is what the log says.

import { dollars } from '../../../gateway/trading/decimals.ts'
import { orderIdOf, orderIdText } from '../../../gateway/trading/order-ids.ts'
import { statusWord } from '../../../gateway/trading/order-status.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { orderView } from '../../../pipelines/ledger/views.ts'
import type { Matching } from '../../../pipelines/matching/matching.ts'
import { instrumentById } from '../../../schemas/instruments.ts'
import type { OrderState } from '../../../schemas/ledger/records.ts'
import { ledgerPartitionOf, orderId, type OrderId } from '../../../schemas/units.ts'
import type { Told, ToldOrder } from './desk.ts'
import type { OrderTrails, Trail } from './order-trail.ts'

export type OrdersInLog = {
  readonly trails: OrderTrails
  /** By partition, as they come out of a replay. */
  readonly ledgers: readonly Ledger[]
  readonly books: readonly Matching[]
}

const isOpen = (ledgers: readonly Ledger[], id: OrderId): boolean =>
  orderView(ledgers[ledgerPartitionOf(id)]!, id)?.isOpen === true

/** One end, or none and it rests. */
export function trailFaults ({ trails, ledgers, books }: OrdersInLog): string[] {
  const faults: string[] = []
  let open = 0
  for (const trail of trails.byId.values()) {
    const isLeft = isOpen(ledgers, trail.orderId)
    if (isLeft) open++
    const { index } = instrumentById(trail.states[0]?.instrumentId ?? trail.instrumentId)!
    const isInBook = books[index]!.book.find(trail.orderId) !== 0
    if (isLeft !== isInBook) faults.push(`${nameOf(trail)} is ${isLeft ? '' : 'not '}open in the ledger, and ${isInBook ? '' : 'not '}in the book`)
    faults.push(...endFaults(trail, isLeft).map(what => `${nameOf(trail)} ${what}`))
  }
  const inBooks = books.reduce((sum, { book, stops }) => sum + book.count + stops.count, 0)
  if (inBooks !== open) faults.push(`${inBooks} orders are in the books, and ${open} are open in the ledger`)
  return faults
}

const nameOf = ({ orderId, holder }: Trail): string => `${orderIdText(orderId)} of ${holder}`

function endFaults ({ placed, states }: Trail, isLeft: boolean): string[] {
  const ends = states.filter(({ closedAt }) => closedAt !== null).length
  const wasTaken = placed > 0
  return [
    ...(placed > 1 ? [`was handed to matching ${placed} times`] : []),
    ...(states.some(({ sequence }, index) => sequence !== index + 1) ? ['has states that are missing or doubled'] : []),
    ...(wasTaken && ends + (isLeft ? 1 : 0) !== 1 ? [`came to ${ends} ends`] : []),
    ...(!wasTaken && states[0]?.status !== 'refused' ? ['was neither taken nor refused'] : [])
  ]
}

/** What clients were told is in the log; and of what is in the log each was told to who asked. */
export function toldFaults ({ trails }: OrdersInLog, told: readonly Told[]): string[] {
  const byClientId = trails.byClientId()
  const asked = new Set(told.flatMap(({ intention }) => intention.kind === 'place' ? [intention.clientOrderId] : []))
  const foundOut = told.flatMap(each => {
    const { intention } = each
    if (intention.kind === 'place') return placeFaults(each, byClientId.get(intention.clientOrderId) ?? [])
    const trail = trails.byId.get(orderIdOf(intention.orderId) ?? orderId(0))
    const faults = trail === undefined ? ['is not in the log'] : intention.kind === 'cancel' ? cancelFaults(each, trail) : amendFaults(each, trail)
    return faults.map(what => `${intention.kind} of ${intention.orderId} ${what}`)
  })
  const untold = [...byClientId.keys()].filter(id => !asked.has(id)).map(id => `${id} is in the log, and nobody was told of it`)
  return [...foundOut, ...untold]
}

function placeFaults ({ intention, status, reason, order }: Told, trails: readonly Trail[]): string[] {
  const name = intention.kind === 'place' ? intention.clientOrderId : ''
  const [trail] = trails
  if (trail === undefined || trails.length > 1) return [`${name} is in the log ${trails.length} times, and was told as ${status} ${reason ?? ''}`]
  if (order !== null) return isAmong(trail.states, order) ? [] : [`${name} was told as ${JSON.stringify(order)}, which it never was`]
  const [first] = trail.states
  if (first?.status === 'refused' && first.refusal === reason) return []
  return [`${name} was refused (${status} ${reason ?? ''}), and the log says ${first?.status ?? 'nothing'} ${first?.refusal ?? ''}`]
}

const statusAfter: Readonly<Record<string, readonly string[]>> = {
  order_already_cancelled: ['cancelled'],
  order_already_filled: ['filled'],
  order_closed: ['expired', 'refused']
}

function cancelFaults ({ status, reason }: Told, { states }: Trail): string[] {
  const last = states.at(-1)?.status ?? 'nothing'
  const due = status === 204 ? ['cancelled'] : statusAfter[reason ?? ''] ?? []
  return due.includes(last) ? [] : [`was told as ${status} ${reason ?? ''}, and the order ended as ${last}`]
}

function amendFaults ({ status, reason, order }: Told, { states }: Trail): string[] {
  if (order !== null) return isAmong(states, order) ? [] : [`was told as ${JSON.stringify(order)}, which it never was`]
  const due = statusAfter[reason ?? '']
  if (due === undefined) return reason === null ? [`was told nothing but ${status}`] : []
  const last = states.at(-1)?.status ?? 'nothing'
  return due.includes(last) ? [] : [`was told as ${reason ?? ''}, and the order ended as ${last}`]
}

/** Whether the order was ever as it was told. The quantity of an order by notional is what it took. */
function isAmong (states: readonly OrderState[], order: ToldOrder): boolean {
  return states.some(state =>
    order.filledQuantity === state.filledQuantity && order.filledValue === dollars(state.filledNotional) &&
    order.fee === dollars(state.fee) && order.quantity === quantityOf(state) &&
    order.status === statusWord({ ...state, isCancelling: false }))
}

const quantityOf = ({ notional, quantity, filledQuantity }: OrderState): number =>
  notional === null ? quantity : filledQuantity
