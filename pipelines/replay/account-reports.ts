// The report stream of a flow that went through accounts: the same lines that the bare flow gives, if all is well.

import type { Fill, MatchingOutput, OrderUpdate, UpdateCause } from '../../schemas/matching/records.ts'
import { holderId, instant, instrumentId, microdollars, units, type OrderId, type Side } from '../../schemas/units.ts'
import type { Answer } from './account-answers.ts'
import type { AccountLog } from './read-accounts.ts'
import type { Flow } from './flow.ts'
import { Reports } from './reports.ts'

type Recorded = {
  /** Of each message: the recorded order it is about, and what it asks. */
  readonly orders: readonly OrderId[]
  readonly causes: readonly UpdateCause[]
  /** By recorded order. */
  readonly sides: ReadonlyMap<OrderId, Side>
}

const messagesAtOnce = 1000
const asked = { 'place-order': 'place', 'cancel-order': 'cancel', 'amend-order': 'amend' } as const

async function recordedOf (flow: Flow): Promise<Recorded> {
  const orders: OrderId[] = []
  const causes: UpdateCause[] = []
  const sides = new Map<OrderId, Side>()
  for await (const batch of flow.batches(0, messagesAtOnce)) {
    for (const { command } of batch) {
      if (!('orderId' in command)) throw new Error(`a recorded flow has no ${command.kind}`)
      orders.push(command.orderId)
      causes.push(asked[command.kind])
      if (command.kind === 'place-order') sides.set(command.orderId, command.side)
    }
  }
  return { orders, causes, sides }
}

/** What is said of no order at all: that nothing came of it. */
const refusedAnswer: Answer = {
  cause: 'place', refused: true, status: 'refused', price: microdollars(0), quantity: units(0), filledQuantity: units(0)
}

export async function accountReports (log: AccountLog, flow: Flow): Promise<Reports> {
  const recorded = await recordedOf(flow)
  const reports = new Reports({ tickSize: flow.parameters.tickSize })
  const fills = new FillsByCommand(log, recorded.orders)
  for (let offset = 0; offset < log.end; offset++) {
    const message = log.message(offset)
    if (message >= 0) reports.add(message, outputsOf({ message, offset }, { log, recorded, fills }))
  }
  return reports
}

type Message = { readonly message: number, readonly offset: number }
type Known = { readonly log: AccountLog, readonly recorded: Recorded, readonly fills: FillsByCommand }

function outputsOf ({ message, offset }: Message, { log, recorded, fills }: Known): MatchingOutput[] {
  const order = recorded.orders[message]!
  const onward = log.onward(offset)
  const answer = log.isRefused(offset) ? refusedAnswer : log.answers.at(onward) ?? refusedAnswer
  const update = { ...answer, cause: recorded.causes[message]!, orderId: order, side: recorded.sides.get(order) ?? 'buy' }
  const closing = said({ ...update, cause: 'match', refused: false, status: 'filled' })
  return [...fills.of(onward), said(update), ...Array.from({ length: log.answers.closings(onward) }, () => closing)]
}

/** As matching says it of an order without an account. The reports read no more than the answer of it. */
function said (update: Answer & { readonly orderId: OrderId, readonly side: Side }): OrderUpdate {
  return {
    kind: 'order-update',
    ...update,
    holder: holderId(0),
    instrumentId: instrumentId(''),
    reason: null,
    filledNotional: microdollars(0),
    at: instant(0)
  }
}

/** Asked for in the order of commands: they stand in it. */
class FillsByCommand {
  readonly #log: AccountLog
  readonly #orders: readonly OrderId[]
  #next = 0

  constructor (log: AccountLog, orders: readonly OrderId[]) {
    this.#log = log
    this.#orders = orders
  }

  of (offset: number): Fill[] {
    const found: Fill[] = []
    for (; this.#log.fills[this.#next]?.offset === offset; this.#next++) {
      const { fill } = this.#log.fills[this.#next]!
      const [makerOrderId, takerOrderId] = [this.#recorded(fill.makerOrderId), this.#recorded(fill.takerOrderId)]
      // A spread copies what is a record's own; its kind stands above.
      found.push({ ...fill, kind: 'fill', makerOrderId, takerOrderId })
    }
    return found
  }

  #recorded (order: OrderId): OrderId {
    return this.#orders[this.#log.messageOfOrder(order)]!
  }
}
