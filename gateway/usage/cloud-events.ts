// What a supplier sends: CloudEvents 1.0, structured, in JSON. An event's own source and id stay its identity, under
// whoever signed; what is measured is in its data.

import { z } from 'zod'
import { meterPhase, type MeterEvent, type MeterPhase } from '../../schemas/usage/records.ts'
import { holderId, instant, tokens, type HolderId, type Instant } from '../../schemas/units.ts'
import { ApiError, invalid, type FieldFaults } from '../errors.ts'
import { readBody } from '../http/body-fields.ts'
import { instrumentAsked } from '../trading/body-values.ts'

/** As metering has them: what is beyond is impossible. */
const tokensMax = 10 ** 12
const textMax = 200
/** How far a supplier's clock may be ahead. */
const aheadMs = 5 * 60_000

const typeOf = (phase: MeterPhase) => `market.usage.${phase}` as const

const told = (fault: string) =>
  ({ error: ({ input }: { input?: unknown }) => input === undefined ? 'is missing' : fault })

function unknownFields ({ code, keys, input }: { code?: string, keys?: readonly string[], input?: unknown }): string {
  if (code === 'unrecognized_keys') return `has unknown fields: ${keys?.join(', ')}`
  return input === undefined ? 'is missing' : 'is an object'
}

/** What CloudEvents allows in a text. */
const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text)

const textFault = `is text of 1 to ${textMax} characters`
const text = (description: string, example: string) =>
  z.string(told(textFault)).min(1, textFault).max(textMax, textFault)
    .refine(isPlain, 'has characters that may not be in it').meta({ description, examples: [example] })

const countFault = `is a whole number of tokens, 0 to ${tokensMax}`
const count = (description: string, example: number) =>
  z.int(told(countFault)).min(0, countFault).max(tokensMax, countFault).meta({ description, examples: [example] })

const placeFault = `is a whole number, 1 to ${tokensMax}`
const place = (description: string, example: number, max = tokensMax) =>
  z.int(told(placeFault)).min(1, placeFault).max(max, placeFault).meta({ description, examples: [example] })

/** Strict, unlike the event around it: a field that is misspelt here changes what is billed. */
const measured = z.strictObject({
  request_id: text('The request, from its ticket.', 'req_8fK2'),
  consumer: place('Whose request it is; a request id of this market says so by itself.', 11).optional(),
  instrument_id: instrumentAsked,
  sequence: place('Of the request\'s events, rising from 1; each counts once.', 1),
  nonce: z.string('is text').max(textMax, textFault).refine(isPlain, 'has characters that may not be in it').default('')
    .meta({ description: 'Of the start that it belongs to, from the ticket; empty: of none.' }),
  input_tokens: count('Read until now, cached ones included.', 812),
  output_tokens: count('Made until now, reasoning included.', 2048),
  more: count('Of progress only: to be held beyond what is held.', 0).optional(),
  fault: z.enum(['supplier', 'client'], 'is supplier or client').optional()
    .meta({ description: 'Of a failed request only, and needed there: whose it is.' }),
  reason: text('Of a failed request only, and needed there: why.', 'upstream_stalled').optional()
}, { error: unknownFields }).meta({ id: 'UsageData' })

const uriReference = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-Fa-f]{2})+$/
const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;.*)?$/i
const typeFault = `is ${meterPhase.map(typeOf).join(', ')}`

const attributes = z.object({
  specversion: z.literal('1.0', told('is 1.0')),
  id: text('With source the identity of the event: sent again it counts once.', 'f1c0-3'),
  source: z.string(told('is a URI reference')).max(textMax, textFault).regex(uriReference, 'is a URI reference')
    .meta({ description: 'What measured it, as you call it; with id at most 199 characters.', examples: ['/edge/1'] }),
  type: z.enum(meterPhase.map(typeOf), told(typeFault)).meta({ examples: ['market.usage.final'] }),
  subject: text('The request, as in data.', 'req_8fK2').optional(),
  time: z.iso.datetime({ offset: true, ...told('is a time as RFC 3339 has it') })
    .meta({ description: 'When it was measured.', examples: ['2026-06-15T12:00:30.123Z'] }),
  datacontenttype: z.string('is text').max(textMax, textFault).regex(jsonType, 'is application/json').optional(),
  dataschema: z.string('is text').max(2000, 'is too long').optional(),
  data: measured
})

type Sent = z.output<typeof attributes>

const identityOf = ({ source, id }: Sent): string => `${source} ${id}`

/** What only some events have, and what goes together. */
function faultsOf ({ type, subject, data, ...event }: Sent): [path: string, fault: string][] {
  const faults: [string, string][] = []
  const say = (isSo: boolean, path: string, fault: string): void => { if (isSo) faults.push([path, fault]) }
  const isFailed = type === 'market.usage.failed'
  const [input, output] = [data.input_tokens, data.output_tokens]
  const isTooMuch = input <= tokensMax && output <= tokensMax && input + output > tokensMax
  say(`${event.source} ${event.id}`.length > textMax, 'id', `is above ${textMax - 1} characters together with source`)
  say(subject !== undefined && subject !== data.request_id, 'subject', 'is not the request of data')
  say(isTooMuch, 'data.output_tokens', `is above ${tokensMax} together with input_tokens`)
  say(data.more !== undefined && type !== 'market.usage.progress', 'data.more', 'is of progress only')
  for (const name of ['fault', 'reason'] as const) {
    say(isFailed && data[name] === undefined, `data.${name}`, 'is missing')
    say(!isFailed && data[name] !== undefined, `data.${name}`, 'is of a failed request only')
  }
  return faults
}

export const usageEvent = attributes.superRefine((event, context) => {
  for (const [path, message] of faultsOf(event)) context.addIssue({ code: 'custom', path: path.split('.'), message })
}).meta({ id: 'UsageEvent', description: 'A CloudEvent. Attributes beyond these are ignored.' })

const malformed = (faults: FieldFaults): ApiError =>
  new ApiError('malformed', invalid(faults).message, { fields: faults })

export type Signer = {
  readonly holder: HolderId
  readonly at: Instant
  /** Whose a request is, by its id; null where the id is none of this market's. */
  readonly consumerOf: (requestId: string) => HolderId | null
}

type Named = Pick<Sent['data'], 'request_id' | 'consumer'>

function consumerOf ({ request_id: requestId, consumer }: Named, lookUp: Signer['consumerOf']): HolderId {
  const known = lookUp(requestId)
  if (consumer === undefined && known === null) throw malformed({ 'data.request_id': ['is no request of this market'] })
  if (consumer !== undefined && known !== null && consumer !== known) throw malformed({ 'data.consumer': ['is not whose request it is'] })
  return known ?? holderId(consumer!)
}

/** What an event says, as said by whoever signed; an `ApiError` that names what is wrong with it. */
export function readingOf (sent: unknown, { holder, at, consumerOf: lookUp }: Signer): MeterEvent {
  const { value: event } = readBody(usageEvent, sent, malformed)
  const { data, type, time } = event
  const occurredAt = instant(Date.parse(time))
  if (occurredAt > at + aheadMs) throw malformed({ time: ['is more than 5 minutes ahead of this server\'s clock'] })
  return {
    kind: 'meter-event',
    source: `supplier:${holder}`,
    id: identityOf(event),
    holder: consumerOf(data, lookUp),
    instrumentId: data.instrument_id.instrumentId,
    requestId: data.request_id,
    sequence: data.sequence,
    nonce: data.nonce,
    phase: meterPhase.find(phase => typeOf(phase) === type)!,
    inputTokens: tokens(data.input_tokens),
    outputTokens: tokens(data.output_tokens),
    more: tokens(data.more ?? 0),
    supplier: holder,
    fault: data.fault ?? '',
    reason: data.reason ?? '',
    occurredAt
  }
}
