// Dead-man timers: holders by deadline, ties by id. The deadline itself stands in the holder's row.

import type { Instant } from '../../schemas/units.ts'
import { Deadlines } from './deadlines.ts'
import { holderField, type Holders } from './holders.ts'

export class DeadMen {
  readonly #holders: Holders
  readonly #deadlines: Deadlines

  constructor (holders: Holders) {
    this.#holders = holders
    this.#deadlines = new Deadlines({
      deadlineOf: holder => holders.of(holder, holderField.deadManAt),
      rankOf: holder => holders.of(holder, holderField.id)
    })
  }

  get count (): number {
    return this.#deadlines.count
  }

  /** The holder whose time is up first, if it is; else 0. */
  due (now: Instant): number {
    return this.#deadlines.due(now)
  }

  /** Sets, moves or (with 0) ends a timer. */
  set (holder: number, deadline: number): void {
    this.#holders.put(holder, holderField.deadManAt, deadline)
    if (deadline === 0) this.#deadlines.end(holder)
    else this.#deadlines.set(holder)
  }
}
