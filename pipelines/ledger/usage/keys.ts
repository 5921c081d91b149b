// Consumption keys that have, or had, a budget: what each has drawn since it first had one. A row a key, never freed,
// in the order in which they came; a key that never had a budget has none.

import type { BudgetPeriod } from '../../../schemas/ledger/usage-commands.ts'
import type { Instant } from '../../../schemas/units.ts'
import { Rows } from '../rows.ts'
import { TextIndex } from '../text-index.ts'
import { dayOf } from '../volumes.ts'

export const keyField = {
  /** The holder's slot. */
  holder: 0,
  /** The one in force, and 1; 0: none. */
  budget: 1,
  period: 2,
  /** The last day on which it drew, and what; as the next two for the month. */
  day: 3,
  ofDay: 4,
  month: 5,
  ofMonth: 6,
  /** Ever. */
  total: 7,
  /** By requests that are open. */
  held: 8
} as const
const width = 10

/** With its holder and its id, all there is of it; what requests hold is theirs to say. */
export const keyFieldsSaved: readonly number[] = Object.values(keyField)
  .filter(field => field !== keyField.holder && field !== keyField.held)

export const periodNumbers = { day: 0, month: 1, total: 2 } as const satisfies Record<BudgetPeriod, number>

export class Keys extends Rows {
  readonly ids: string[] = ['']
  readonly byId = new TextIndex({
    textOf: slot => this.ids[slot]!,
    groupOf: slot => this.of(slot, keyField.holder)
  })

  constructor () {
    super(width)
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  open (holder: number, keyId: string): number {
    const slot = this.take()
    this.put(slot, keyField.holder, holder)
    this.ids[slot] = keyId
    this.byId.add(slot)
    return slot
  }

  draw (slot: number, tokens: number, now: Instant): void {
    for (const [unit, ofUnit, current] of [
      [keyField.day, keyField.ofDay, dayOf(now)], [keyField.month, keyField.ofMonth, monthOf(now)]
    ] as const) {
      if (this.of(slot, unit) !== current) this.put(slot, ofUnit, 0)
      this.put(slot, unit, current)
      this.add(slot, ofUnit, tokens)
    }
    this.add(slot, keyField.total, tokens)
  }

  /** In the period of its budget that is now. */
  drawn (slot: number, now: Instant): number {
    const { day, ofDay, month, ofMonth, total } = keyField
    switch (this.of(slot, keyField.period)) {
      case periodNumbers.day: return this.of(slot, day) === dayOf(now) ? this.of(slot, ofDay) : 0
      case periodNumbers.month: return this.of(slot, month) === monthOf(now) ? this.of(slot, ofMonth) : 0
      default: return this.of(slot, total)
    }
  }
}

const daysOfYear = 365
const daysOf4Years = 1461
const daysOf100Years = 36_524
/** After which the calendar repeats. */
const daysOf400Years = 146_097
/** From 1 March of the year 0. */
const daysTo1970 = 719_468

/** Months (UTC) since March of the year 0: by the calendar's own arithmetic, since a core has no other. */
export function monthOf (at: Instant): number {
  const days = dayOf(at) + daysTo1970
  const era = Math.floor(days / daysOf400Years)
  const day = days - era * daysOf400Years
  const leapDays = Math.floor(day / (daysOf4Years - 1)) - Math.floor(day / daysOf100Years) +
    Math.floor(day / (daysOf400Years - 1))
  const year = Math.floor((day - leapDays) / daysOfYear)
  const dayOfYear = day - (daysOfYear * year + Math.floor(year / 4) - Math.floor(year / 100))
  // From March on the months have 31, 30, 31, 30, 31 days, and so on: 153 in five.
  return 12 * (400 * era + year) + Math.floor((5 * dayOfYear + 2) / 153)
}
