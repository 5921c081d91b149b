// What a recorded flow comes to without accounts, worked out here by matching's own core: what the same flow must come
// to with them, and what is known of each order on the way.

import { matching } from '../matching/stage.ts'
import type { OrderCommand, OrderUpdate } from '../../schemas/matching/records.ts'
import type { MatchingOutput } from '../../schemas/matching/records.ts'
import type { OrderId } from '../../schemas/units.ts'
import type { Flow, FlowMessage } from './flow.ts'
import { Reports } from './reports.ts'

/** An order as the last thing said of it left it. */
export type BareOrder = Pick<OrderUpdate, 'side' | 'status' | 'price' | 'quantity' | 'filledQuantity'>

export class BareFlow {
  readonly reports: Reports
  readonly #stage = matching()
  readonly #state = this.#stage.initial(0)
  readonly #flow: Flow
  /** Those that rest. */
  readonly #open = new Map<OrderId, BareOrder>()
  #offset = 0

  constructor (flow: Flow) {
    this.#flow = flow
    this.reports = new Reports({ tickSize: flow.parameters.tickSize })
    this.#apply(flow.parameters, flow.startsAt)
  }

  /** As it rests; undefined when it does not. */
  open (order: OrderId): BareOrder | undefined {
    return this.#open.get(order)
  }

  /** Played so far. */
  get messages (): number {
    return this.reports.summary().messages
  }

  /** Plays the next message, and says what answers it. */
  play ({ sequence, at, command }: FlowMessage): OrderUpdate {
    const outputs = this.#apply(command, at)
    this.reports.add(sequence, outputs)
    const updates = outputs.filter(output => output.kind === 'order-update')
    for (const update of updates) this.#keep(update)
    return updates.find(({ cause }) => cause !== 'match')!
  }

  #apply (command: OrderCommand, at: FlowMessage['at']): MatchingOutput[] {
    const outputs: MatchingOutput[] = []
    const position = { at, partition: 0, offset: this.#offset++, version: this.#stage.version, isLate: false }
    this.#stage.apply(this.#state, command, position, (_topic, _partition, _key, output) => { outputs.push(output) })
    return outputs
  }

  #keep (update: OrderUpdate): void {
    if (update.refused) return
    if (update.status === 'resting' || update.status === 'partly_filled') this.#open.set(update.orderId, update)
    else this.#open.delete(update.orderId)
  }

  get parameters (): Flow['parameters'] {
    return this.#flow.parameters
  }
}
