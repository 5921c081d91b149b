// Every operation of inference, as data. They are served outside of the routes, by `gateway/consumption`: a test holds
// the two together, in both directions.

import { z } from 'zod'
import { delivery } from '../../../schemas/identity/records.ts'
import type { Described, Shape } from '../../http/route.ts'
import { receiptListing, summaryAsked } from '../../receipts/receipts.ts'
import {
  chatAnswered, countAnswered, keysAnswered, messageAnswered, modelAnswered, modelsAnswered, responseAnswered,
  responseDeleted
} from './answered.ts'
import { chatAsked, countAsked, messageAsked, responseAsked } from './asked.ts'
import { fails, type Form } from './failures.ts'
import { receiptAnswered, receiptsAnswered, summaryAnswered } from './receipts.ts'

export type Operation = Pick<Described, 'method' | 'path' | 'summary' | 'asks'> & {
  readonly tag: 'Inference' | 'Receipts'
  readonly description?: string
  readonly key: 'needed' | 'optional' | 'none'
  readonly answer: z.ZodType
  /** What the events of a stream are. Only what may be streamed may be redirected. */
  readonly events?: string
  readonly headers?: Shape
  readonly form: Form
  readonly fails: readonly number[]
  /** At the root, without a prefix. */
  readonly isAtRoot?: true
  readonly isDeprecated?: true
}

const inference = { tag: 'Inference', key: 'needed', form: 'openai' } as const
const receipts = { tag: 'Receipts', key: 'needed', form: 'openai', fails: fails.reading } as const

const answering = {
  method: 'POST',
  fails: fails.answering,
  headers: {
    'idempotency-key': z.string().regex(/^[\x20-\x7e]{1,255}$/)
      .meta({ description: 'What you call this request: it is answered and billed once however often it is sent.' }),
    'x-grid-delivery': z.enum(delivery)
      .meta({ description: 'Answered at once, after a redirect to this host, or at the supplier\'s. As your settings say, unless asked.' })
  }
} as const

export const operations: readonly Operation[] = [
  {
    ...inference,
    ...answering,
    path: '/chat/completions',
    summary: 'A chat completion.',
    asks: { body: chatAsked },
    answer: chatAnswered,
    events: '`data:` with a chat.completion.chunk each, then `data: [DONE]`. An error is the last chunk, without [DONE].'
  },
  {
    ...inference,
    ...answering,
    path: '/consumption/chat',
    summary: 'A chat completion, whole in an envelope, as the first clients ask for it.',
    asks: { body: chatAsked },
    answer: z.object({ data: chatAnswered }),
    events: 'As those of a chat completion.',
    isDeprecated: true
  },
  {
    ...inference,
    ...answering,
    path: '/messages',
    summary: 'A message.',
    form: 'anthropic',
    asks: { body: messageAsked },
    answer: messageAnswered,
    events: 'message_start, content_block_start, content_block_delta, content_block_stop, message_delta, message_stop; ping; error.'
  },
  {
    ...inference,
    method: 'POST',
    path: '/messages/count_tokens',
    summary: 'How many tokens a message would take, by the reference tokenizer. Costs nothing.',
    form: 'anthropic',
    asks: { body: countAsked },
    answer: countAnswered,
    fails: fails.counting
  },
  {
    ...inference,
    ...answering,
    path: '/responses',
    summary: 'A response.',
    asks: { body: responseAsked },
    answer: responseAnswered,
    events: 'response.created, response.output_item.added and so on to response.completed, response.incomplete or response.failed.'
  },
  {
    ...inference,
    method: 'GET',
    path: '/responses/:response',
    summary: 'A response that was kept.',
    asks: {},
    answer: responseAnswered,
    fails: fails.reading
  },
  {
    ...inference,
    method: 'DELETE',
    path: '/responses/:response',
    summary: 'Keeps a response no longer.',
    asks: {},
    answer: responseDeleted,
    fails: fails.reading
  },
  {
    ...inference,
    method: 'GET',
    path: '/models',
    summary: 'What can be asked for, with limits and prices.',
    description: 'For anyone. With a key, what that may draw on.',
    key: 'optional',
    asks: {
      query: {
        limit: z.string().regex(/^([1-9]\d{0,2}|1000)$/).meta({ description: 'Rows a page, 1 to 1000; all unless asked.' }),
        after_id: z.string().meta({ description: 'The last_id of a page; not together with before_id.' }),
        before_id: z.string().meta({ description: 'The first_id of a page; not together with after_id.' })
      }
    },
    answer: modelsAnswered,
    fails: fails.listing
  },
  {
    ...inference,
    method: 'GET',
    path: '/models/:model',
    summary: 'One of them.',
    key: 'none',
    asks: {},
    answer: modelAnswered,
    fails: fails.finding
  },
  {
    ...receipts,
    method: 'GET',
    path: '/usage',
    summary: 'What your account\'s requests took and cost.',
    asks: { listing: receiptListing },
    answer: receiptsAnswered
  },
  {
    ...receipts,
    method: 'GET',
    path: '/usage/summary',
    summary: 'What they come to, in 31 days at most.',
    asks: { query: summaryAsked },
    answer: summaryAnswered
  },
  {
    ...receipts,
    method: 'GET',
    path: '/usage/:request',
    summary: 'What one request took and cost, lot by lot.',
    asks: {},
    answer: receiptAnswered
  },
  {
    ...inference,
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The keys that tickets to suppliers\' edges are signed with.',
    key: 'none',
    asks: {},
    answer: keysAnswered,
    fails: fails.anyone,
    isAtRoot: true
  }
]
