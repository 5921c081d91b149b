// What counts without a booking, booked: before a command on a position, and after one that gave something back.

import { type Ledger, type Say } from '../ledger.ts'
import { positionField as field } from '../positions.ts'
import { pieceField, requestField } from '../usage/requests.ts'
import { lotField } from './lot-rows.ts'
import { bookSweeps } from './sweep.ts'

/** Past sweeps open their lots, and lots whose time is up leave those that are live. Returns how many units moved. */
export function bookDue (state: Ledger, position: number, say: Say): number {
  const { positions, periods } = state
  if (isCalm(state, position)) return 0
  const moved = positions.of(position, field.sweptPeriod) === periods.last ? 0 : bookSweeps(state, position, say)
  expireLots(state, position)
  const isBusy = [field.firstLive, field.heldBack, field.purchase].some(name => positions.of(position, name) !== 0)
  positions.put(position, field.calmIn, isBusy ? 0 : periods.last)
  return moved
}

/** Nothing can have come due since it was last looked at. Who opens a lot, holds back or buys ends that. */
export const isCalm = ({ positions, periods }: Ledger, position: number): boolean =>
  positions.of(position, field.calmIn) === periods.last && periods.last !== 0

/** What orders gave back, or a fill brought, of earlier cohorts goes to Consumption at once. */
export function bookReleased (state: Ledger, position: number, say: Say): void {
  const { positions, periods } = state
  if (isCalm(state, position)) return
  if (positions.of(position, field.sweptPeriod) === 0) positions.put(position, field.sweptPeriod, periods.last)
  if (positions.of(position, field.heldBack) > 0) bookSweeps(state, position, say)
}

/** Tokens that are held when their lot expires stay held: those of the requests that hold longest. */
function expireLots (state: Ledger, position: number): void {
  const { positions, lots, instruments, now } = state
  let lot = positions.of(position, field.firstLive)
  if (lot === 0) return
  const age = instruments.at(positions.of(position, field.instrument)).ageing.ageAt(now)
  for (; lot !== 0 && lots.of(lot, lotField.deadline) <= age; lot = lots.of(lot, lotField.next)) {
    const tokens = lots.of(lot, lotField.tokens)
    const held = Math.min(tokens, positions.of(position, field.liveHeld))
    if (held > 0) attribute(state, position, lot, held)
    lots.put(lot, lotField.tokens, tokens - held)
    lots.put(lot, lotField.heldExpired, held)
    positions.add(position, field.live, -tokens)
    positions.add(position, field.liveHeld, -held)
    positions.add(position, field.expiredHeld, held)
  }
  positions.put(position, field.firstLive, lot)
}

function attribute ({ positions, requests }: Ledger, position: number, lot: number, held: number): void {
  let left = held
  let request = positions.of(position, field.firstRequest)
  for (; left > 0; request = requests.of(request, requestField.next)) {
    const some = Math.min(left, requests.of(request, requestField.live))
    if (some === 0) continue
    requests.add(request, requestField.live, -some)
    requests.add(request, requestField.expired, some)
    requests.addPiece(request, lot, some)
    left -= some
  }
}

/** Held tokens of an expired lot. */
export type Piece = { readonly lot: number, tokens: number }

/** What a request holds of expired lots, in the order in which they expired; it holds none afterwards. */
export function takePieces ({ requests, requests: { pieces } }: Ledger, request: number): Piece[] {
  const taken: Piece[] = []
  let piece = requests.of(request, requestField.firstPiece)
  while (piece !== 0) {
    taken.push({ lot: pieces.of(piece, pieceField.lot), tokens: pieces.of(piece, pieceField.tokens) })
    const next = pieces.of(piece, pieceField.next)
    pieces.free(piece)
    piece = next
  }
  const { firstPiece, lastPiece, expired } = requestField
  for (const name of [firstPiece, lastPiece, expired]) requests.put(request, name, 0)
  return taken
}
