// What the log says of each order: gathered while the ledger is replayed.

import type { LedgerOutput, OrderState } from '../../../schemas/ledger/records.ts'
import type { PlaceOrder } from '../../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, OrderId } from '../../../schemas/units.ts'

export type Trail = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly instrumentId: InstrumentId
  clientOrderId: string | null
  /** How often it was handed to matching. */
  placed: number
  readonly states: OrderState[]
}

export class OrderTrails {
  readonly byId = new Map<OrderId, Trail>()

  hear (output: LedgerOutput): void {
    if (output.kind === 'place-order') {
      this.#of(output).placed++
      if (output.oco !== null) this.#of({ ...output, orderId: output.oco.orderId }).placed++
    } else if (output.kind === 'order-state') {
      const trail = this.#of(output)
      trail.clientOrderId ??= output.clientOrderId
      trail.states.push(output)
    }
  }

  #of ({ orderId, holder, instrumentId }: PlaceOrder | OrderState): Trail {
    let trail = this.byId.get(orderId)
    if (trail === undefined) {
      trail = { orderId, clientOrderId: null, holder, instrumentId, placed: 0, states: [] }
      this.byId.set(orderId, trail)
    }
    return trail
  }

  /** By the client's own id; of an OCO the first leg. */
  byClientId (): Map<string, Trail[]> {
    const firstLegs = [...this.byId.values()].filter(({ orderId }) => orderId % 2 === 0)
    const named = firstLegs.filter(({ clientOrderId }) => clientOrderId !== null)
    return Map.groupBy(named, ({ clientOrderId }) => clientOrderId!)
  }
}
