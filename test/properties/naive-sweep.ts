// Sweep periods of the naive twin.

import type { OrderCommand } from '../../schemas/matching/records.ts'
import { type Instant, periodOf } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'

/** What the record makes the period: that of its time, that of its stamp, or as it was. */
export function periodAfter (book: BookNaive, command: OrderCommand | { kind: 'clock' }): number {
  if (!book.knowsLedger) return 0
  const stamp = command.kind === 'place-order' ? command.period : 0
  return [book.period, periodOf(book.now as Instant), stamp].sort((a, b) => b - a)[0]!
}

export function sweep (book: BookNaive): void {
  for (;;) {
    const [next] = book.open()
      .filter(({ side, isIssuer, period }) => side === 'sell' && !isIssuer && period !== 0 && period < book.period)
      .sort((a, b) => a.orderId - b.orderId)
    if (next === undefined) break
    book.step(() => { book.close(next, 'market', { status: 'cancelled', reason: 'swept' }) })
  }
  if (book.parameters === null) return
  const { instrumentId } = book.parameters
  book.outputs.push({ kind: 'period-closed', instrumentId, period: book.period, at: book.now as Instant })
}
