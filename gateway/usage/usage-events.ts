// What suppliers measured: one event, or up to a hundred, each with a result of its own. Accepted is what the log has.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import { ApiError, errorBody } from '../errors.ts'
import { batchType, eventType, jsonType } from '../http/media-types.ts'
import type { SignedCall } from '../http/call.ts'
import { one } from '../http/reply-schemas.ts'
import { commandByType, type Reply, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { readingOf, usageEvent, type Signer } from './cloud-events.ts'

const eventsMax = 100

/** Any items: each is judged by itself, and the answer says what is wrong with one. */
const batch = z.array(z.unknown().meta({ description: 'A UsageEvent; what is wrong with one is told in its place.' }))
  .max(eventsMax).meta({ id: 'UsageEventBatch' })

const accepted = z.strictObject({
  accepted: z.literal(true).meta({ description: 'It is in the log. Whether it is billed is the ledger\'s to say.' }),
  event_id: z.string().meta({ description: 'Your source and id: how the event is called from here on.' }),
  duplicate: z.boolean().meta({ description: 'An earlier event of the batch is the same, and was sent in its place.' })
}).meta({ id: 'UsageEventAccepted' })

const result = z.strictObject({
  index: z.int(),
  status: z.int().meta({ description: 'As if it had been sent alone.' }),
  data: accepted.optional(),
  errors: z.looseObject({}).optional(),
  error: z.looseObject({}).optional()
}).meta({ id: 'UsageEventResult' })

type Result = z.output<typeof result>

const dataOf = ({ id }: MeterEvent, isDuplicate: boolean): z.output<typeof accepted> =>
  ({ accepted: true, event_id: id, duplicate: isDuplicate })

type Asked = Pick<SignedCall, 'tag' | 'at'> & Signer

async function takeOne ({ usage }: Ports, sent: unknown, asked: Asked): Promise<Reply> {
  if (Array.isArray(sent)) throw new ApiError('malformed', `The body is a list: send it as ${batchType}.`)
  const reading = readingOf(sent, asked)
  await usage.report([{ reading, id: asked.tag.id }])
  return { status: 202, body: { data: dataOf(reading, false) } }
}

type Read = { readonly reading: MeterEvent, readonly isDuplicate: boolean } | { readonly error: ApiError }

/** Each event for itself; of those that are the same, the first is sent. */
function readAll (sent: readonly unknown[], asked: Asked): Read[] {
  const first = new Map<string, MeterEvent>()
  return sent.map(event => {
    try {
      const reading = readingOf(event, asked)
      const isDuplicate = isDeepStrictEqual(first.get(reading.id), reading)
      if (!first.has(reading.id)) first.set(reading.id, reading)
      return { reading, isDuplicate }
    } catch (error) {
      if (error instanceof ApiError) return { error }
      throw error
    }
  })
}

async function takeAll ({ usage }: Ports, sent: unknown, asked: Asked): Promise<Reply> {
  if (!Array.isArray(sent)) throw new ApiError('malformed', `The body is no list: send one event as ${eventType}.`)
  if (sent.length > eventsMax) throw new ApiError('too_large', `A batch may have ${eventsMax} events.`)
  const read = readAll(sent, asked)
  const readings = read.flatMap((each, index) =>
    'reading' in each && !each.isDuplicate ? [{ reading: each.reading, id: `${asked.tag.id}.${index}` }] : [])
  if (readings.length > 0) await usage.report(readings)
  const data = read.map((each, index): Result => 'error' in each
    ? { index, status: each.error.status, ...errorBody(each.error) }
    : { index, status: 202, data: dataOf(each.reading, each.isDuplicate) })
  return { body: { data } }
}

const consumersOf = ({ requestIds }: Ports): Signer['consumerOf'] => id => requestIds.holderOf(id)

export const usageEventsRoute = (ports: Ports, consumerOf = consumersOf(ports)): Route => commandByType({
  method: 'POST',
  path: '/usage-events',
  summary: 'Says what requests took that you serve: one CloudEvent, or a batch.',
  access: ['supplier'],
  bodies: { [jsonType]: usageEvent, [eventType]: usageEvent, [batchType]: batch },
  replies: { 200: z.strictObject({ data: z.array(result) }), 202: one(accepted) },
  answer: ({ body, bodyType, caller: { holder }, tag, at }) =>
    (bodyType === batchType ? takeAll : takeOne)(ports, body, { holder, tag, at, consumerOf })
})
