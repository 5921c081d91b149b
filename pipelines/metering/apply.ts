// The one place that takes a reading: it is a repeat, or the ledger is told of it, or why it is not billed.

import type { MeterEvent } from '../../schemas/usage/records.ts'
import { captureOf, extensionOf, voidOf } from './commands.ts'
import { joined } from './fingerprint.ts'
import { type Metering, type Position, type Refused, type Say, secondOf } from './metering.ts'
import { isPossible, isTimed, unbilled } from './possible.ts'
import { Prints, type Verdict } from './seen.ts'

export type Command = MeterEvent | { readonly kind: 'clock' }

/** The only writer of the state. */
export function apply (state: Metering, command: Command, position: Position, say: Say): void {
  state.advance(position.at)
  if (command.kind === 'meter-event') take(state, command, position, say)
}

const prints = new Prints()

function take (state: Metering, reading: MeterEvent, position: Position, say: Say): void {
  printOf(state, reading)
  const verdict = state.seen.look(prints)
  const refused = verdict === 'repeated' ? null : refusalOf(state, reading, verdict, position)
  remember(state, reading)
  if (verdict === 'repeated') {
    state.counts.repeated++
  } else if (refused !== null) {
    state.counts[refused]++
    say(unbilled(reading, refused, state.now))
  } else {
    passOn(state, reading, say)
  }
}

function refusalOf (state: Metering, reading: MeterEvent, verdict: Verdict, position: Position): Refused | null {
  if (!isPossible(state, reading, position)) return 'impossible'
  if (verdict === 'contradicts') return 'contradicts'
  return state.isLate(reading.occurredAt) ? 'too_late' : null
}

function passOn ({ counts }: Metering, reading: MeterEvent, say: Say): void {
  switch (reading.phase) {
    case 'final':
      counts.captured++
      say(captureOf(reading))
      break
    case 'progress':
      counts.extended++
      say(extensionOf(reading))
      break
    case 'failed':
      counts.voided++
      say(voidOf(reading))
  }
}

/** A time that is none counts as now. */
function remember (state: Metering, reading: MeterEvent): void {
  if (state.seen.has(prints)) return
  state.makeRoom()
  const until = isTimed(state, reading) ? Math.max(state.now, reading.occurredAt) : state.now
  state.seen.keep(prints, secondOf(until))
}

function printOf (state: Metering, reading: MeterEvent): void {
  // Set before the first reading is taken, and never 0 again.
  if (state.seed === 0) state.seed = (state.now % 2 ** 31) | 1
  const { seed } = state
  const { source, id, holder, sequence, requestId, phase, instrumentId, nonce, fault, reason } = reading
  prints.id.take(seed, joined(source, id))
  prints.place.take(seed, `${holder} ${sequence} ${joined(source, requestId)}`)
  const { inputTokens, outputTokens, more, supplier } = reading
  const numbers = `${holder} ${sequence} ${inputTokens} ${outputTokens} ${more} ${supplier} ${phase} `
  const words = joined(requestId, joined(instrumentId, joined(nonce, joined(fault, reason))))
  prints.content.take(seed, numbers + joined(source, words))
}
