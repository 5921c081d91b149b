// What jobs ask of the ledger about what is due, and when they ask again. Pure.
//
//   ClickHouse says what is due, a moment late; the ledger judges each command by itself. So one that was booked
//   already does nothing, and one that is asked for too early is refused: a lot's clock may have stood still. Neither
//   may be sent each minute until ClickHouse has heard of it: what was asked is left alone, for longer each time.
//
// Rules
//   A1  Ids are derived from what a command is about, so that the same one sent twice, by whomever, is one.
//   A2  What is due is asked for at once when it was never asked, and never again before its time.
//   A3  What is due no more is forgotten.

import type { DueLot, DuePosition } from '../../analytics/due.ts'
import type { ExpireLot, SweepPosition } from '../../schemas/ledger/usage-commands.ts'
import type { Instant } from '../../schemas/units.ts'

export type DueCommand = { readonly id: string, readonly command: ExpireLot | SweepPosition }

/** Books what an expired lot has left. */
export const expiryOf = ({ holder, lotId }: Pick<DueLot, 'holder' | 'lotId'>): DueCommand =>
  ({ id: `expire:${lotId}`, command: { kind: 'expire-lot', holder, lotId } })

/** Books what sweeps have moved; `period`: the one that has begun. */
export const sweepOf = (
  { holder, instrumentId }: Pick<DuePosition, 'holder' | 'instrumentId'>, period: number
): DueCommand => ({ id: `sweep:${holder}:${instrumentId}:${period}`, command: { kind: 'sweep-position', holder, instrumentId } })

/** How often something was asked, and when for the last time. */
export type Asking = { readonly times: number, readonly at: Instant }

/** By id. */
export type Asked = ReadonlyMap<string, Asking>

/** Long enough for what was booked to be read in ClickHouse, and for the ledger to have forgotten the id. */
export const askAgainMs = 2 * 60_000
export const askAgainMsMax = 60 * 60_000

const isWaiting = ({ times, at }: Asking, now: Instant): boolean =>
  now < at + Math.min(askAgainMs * 2 ** (times - 1), askAgainMsMax)

export type Decision = {
  readonly commands: readonly DueCommand[]
  /** Of what is due: as it is once they are sent. */
  readonly asked: Asked
}

export function decide (due: readonly DueCommand[], asked: Asked, now: Instant): Decision {
  const commands: DueCommand[] = []
  const next = new Map<string, Asking>()
  for (const command of due) {
    if (next.has(command.id)) continue
    const before = asked.get(command.id)
    if (before !== undefined && isWaiting(before, now)) {
      next.set(command.id, before)
      continue
    }
    commands.push(command)
    next.set(command.id, { times: (before?.times ?? 0) + 1, at: now })
  }
  return { commands, asked: next }
}
