// Readings as CloudEvents on their way to the market, and what becomes of them there.

import { z } from 'zod'
import type { MeterPhase } from '../../schemas/usage/records.ts'
import type { Verdict } from '../spool/sender.ts'
import type { SpoolEntry } from '../spool/spool.ts'
import type { EdgeClaims } from '../tickets/edge-ticket.ts'
import type { Market } from './market.ts'

export type Reading = {
  readonly phase: MeterPhase
  /** Rises within a request. */
  readonly sequence: number
  readonly input: number
  readonly output: number
  /** Of a failed one: whose it is, and why. */
  readonly fault?: 'supplier' | 'client'
  readonly reason?: string
  /** Milliseconds, measured at the model server; null: it has said nothing yet. */
  readonly firstTokenMs: number | null
  readonly durationMs: number
}

/** A list of CloudEvents. */
const batchType = 'application/cloudevents-batch+json'

const whole = (ms: number): number => Math.max(0, Math.round(ms))

/** `at`: milliseconds since the epoch. */
export function eventOf ({ aud, jti, sub, instrument }: EdgeClaims, reading: Reading, at: number): Buffer {
  const { phase, sequence, input, output, fault, reason, firstTokenMs, durationMs } = reading
  return Buffer.from(JSON.stringify({
    specversion: '1.0',
    id: `${jti}-${sequence}`,
    source: `/edge/${aud}`,
    type: `market.usage.${phase}`,
    subject: sub,
    time: new Date(at).toISOString(),
    // Attributes of our own: the market bills nothing by them.
    ...(firstTokenMs === null ? {} : { firsttokenms: whole(firstTokenMs) }),
    durationms: whole(durationMs),
    data: {
      request_id: sub,
      instrument_id: instrument,
      sequence,
      nonce: jti,
      input_tokens: input,
      output_tokens: output,
      ...(phase === 'failed' ? { fault, reason } : {})
    }
  }))
}

const results = z.object({ data: z.array(z.looseObject({ status: z.int() })) })

/** The market says that it will never take it; everything else is sent again. */
const isFinal = (status: number): boolean => [400, 409, 413, 415, 422].includes(status)

function verdictOf (result: { readonly status: number, readonly [name: string]: unknown }): Verdict {
  if (result.status < 300) return 'taken'
  return isFinal(result.status) ? { rejected: JSON.stringify(result['errors'] ?? result.status).slice(0, 500) } : 'again'
}

/** Sends entries of the spool to the market; throws where it took none of them for now. */
export async function sendReadings (
  market: Pick<Market, 'call'>, batch: readonly SpoolEntry[], signal: AbortSignal
): Promise<Verdict[]> {
  // They are JSON already.
  const body = `[${batch.map(({ bytes }) => bytes.toString()).join(',')}]`
  const { status, body: said } = await market.call({ method: 'POST', path: '/v1/usage-events', type: batchType, body, signal })
  if (status !== 200) throw new Error(`the market answered ${status} to readings: ${JSON.stringify(said).slice(0, 500)}`)
  return results.parse(said).data.map(verdictOf)
}
