// From recorded messages to commands of the ledger, one each.
//
//   place    a submit-order, of an account that stands for the recorded order
//   cancel   a submit-cancel
//   amend    a submit-amend. The recording says what is to remain, the ledger what is to be the total: what was traded
//            until then is known from the same flow played without accounts (bare-flow.ts). What is amended in vain
//            there, because it rests no more, is cancelled in vain here.
//
// A total that is lowered at the same price keeps the order's place, which a recorded amend never does, and a second
// amend would have to wait for the first: the recording has neither, and a flow that does is told so.

import type { LedgerCommand, SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { AmendOrder, PlaceOrder } from '../../schemas/matching/records.ts'
import type { HolderId, OrderId, Units } from '../../schemas/units.ts'
import { accountOf } from './accounts.ts'
import type { BareFlow } from './bare-flow.ts'
import type { FlowMessage } from './flow.ts'

/** A recorded order in the ledger. */
type Known = { readonly orderId: OrderId, readonly holder: HolderId }

/** The ledger gives it to no order: the first record of a partition is no command. */
const nobodys = 0 as OrderId

export class Translation {
  readonly #bare: BareFlow
  readonly #name: string
  readonly #known = new Map<OrderId, Known>()
  /** Recorded orders that the block's messages are about, and those that they amend. */
  #named: OrderId[] = []
  readonly #amended = new Set<OrderId>()

  constructor (bare: BareFlow, name: string) {
    this.#bare = bare
    this.#name = name
  }

  /** All that was sent before is answered. Orders that it closed are nobody's from here on. */
  nextBlock (): void {
    for (const order of this.#named) if (this.#bare.open(order) === undefined) this.#known.delete(order)
    this.#named = []
    this.#amended.clear()
  }

  /** `id`: of the order that the command becomes, if it is one. */
  translate (message: FlowMessage, id: OrderId): LedgerCommand {
    const { command } = message
    if (!('orderId' in command)) throw new Error(`a recorded flow has no ${command.kind}`)
    this.#named.push(command.orderId)
    switch (command.kind) {
      case 'place-order': return this.#place(message, command, id)
      case 'amend-order': return this.#amend(message, command)
      case 'cancel-order':
        this.#bare.play(message)
        return this.#cancel(command.orderId)
    }
  }

  #place (message: FlowMessage, command: PlaceOrder, orderId: OrderId): SubmitOrder {
    this.#bare.play(message)
    const holder = accountOf(command.orderId, command.side)
    this.#known.set(command.orderId, { orderId, holder })
    const { instrumentId, side, type, timeInForce, postOnly, price, quantity, selfTradePrevention } = command
    return {
      kind: 'submit-order',
      holder,
      instrumentId,
      side,
      type,
      timeInForce,
      postOnly,
      reduceOnly: false,
      price,
      stopPrice: null,
      quantity,
      notional: null,
      expiresAt: null,
      oco: null,
      clientOrderId: null,
      content: '',
      selfTradePrevention,
      autoTransfer: false,
      bookSequence: null,
      submittedAt: message.at,
      commandId: `${this.#name}-${message.sequence}`
    }
  }

  #cancel (recorded: OrderId): LedgerCommand {
    const { orderId, holder } = this.#known.get(recorded) ?? { orderId: nobodys, holder: accountOf(recorded, 'buy') }
    return { kind: 'submit-cancel', holder, orderId }
  }

  #amend (message: FlowMessage, { orderId: recorded, price, quantity }: AmendOrder): LedgerCommand {
    const before = this.#bare.open(recorded)
    const { refused } = this.#bare.play(message)
    const known = this.#known.get(recorded)
    if (refused || before === undefined || known === undefined) return this.#cancel(recorded)
    const leavesBefore = before.quantity - before.filledQuantity
    const leaves = quantity ?? leavesBefore
    const keepsPlace = leaves < leavesBefore && (price ?? before.price) === before.price
    if (keepsPlace || this.#amended.has(recorded)) {
      throw new Error(`message ${message.sequence} amends an order in a way that can't be asked of the ledger`)
    }
    this.#amended.add(recorded)
    const total = before.filledQuantity + leaves as Units
    return { kind: 'submit-amend', ...known, price, quantity: total, stopPrice: null, timeInForce: null, expiresAt: null }
  }
}
