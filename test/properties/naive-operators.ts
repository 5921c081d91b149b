// What operators do to the naive twin.

import type { SetParameters, SetTradingStatus } from '../../schemas/matching/records.ts'
import { priceTicksMax } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'
import { refusalOfParameters } from './naive-refusals.ts'
import { refuseOperator } from './naive-said.ts'

export function setParameters (book: BookNaive, command: SetParameters, isLate: boolean): void {
  const refusal = refusalOfParameters(book, command, isLate)
  if (refusal !== null) {
    refuseOperator(book, command.instrumentId, refusal)
    return
  }
  const { kind, ...parameters } = command
  const { tickSize } = parameters
  const hasPlace = (price: number | null): boolean =>
    price === null || (price % tickSize === 0 && price <= priceTicksMax * tickSize)
  const byAge = book.waiting.toSorted((a, b) => a.arrival - b.arrival)
  for (const order of [...book.side('buy'), ...book.side('sell'), ...byAge]) {
    if (hasPlace(order.price) && hasPlace(order.stop)) continue
    if (book.open().includes(order)) book.close(order, 'market', { status: 'cancelled', reason: 'tick_change' })
  }
  book.parameters = parameters
}

export function setTradingStatus (book: BookNaive, command: SetTradingStatus, isLate: boolean): void {
  if (!book.listed(command.instrumentId)) refuseOperator(book, command.instrumentId, 'unknown_instrument')
  else if (isLate) refuseOperator(book, command.instrumentId, 'too_late')
  else book.status = command.status
}
