// Up to a hundred orders and cancels in one request: sent together, in their order, each with an outcome of its own.
// What is malformed refuses the whole before anything is sent.

import { z } from 'zod'
import type { SubmitCancel, SubmitOrder } from '../../schemas/ledger/commands.ts'
import { ApiError, errorBody } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { command, type Reply, type Route } from '../http/route.ts'
import type { CommandTag } from '../accounts.ts'
import type { Answer, Ports } from '../ports.ts'
import { judged, submitOrder } from './order-commands.ts'
import { clientOrderId, newOrder } from './order-fields.ts'
import { orderIdOf } from './order-ids.ts'
import { orderJson, orderRow } from './order-json.ts'
import { orderedNow, traders } from './order-outcomes.ts'
import { marketNamedIn } from './order-rates.ts'
import { termsOf, type Fault, type Terms } from './order-terms.ts'
import { assertReady, ordered, refused } from './refusals.ts'

const itemsMax = 100

const placing = newOrder.extend({ action: z.literal('place') }).meta({ id: 'BatchedOrder' })

const cancelling = z.object({
  action: z.literal('cancel'),
  order_id: z.string('is text').max(100, 'is too long').nullish(),
  client_order_id: clientOrderId.nullish()
}).meta({ id: 'BatchedCancel', description: 'By order_id or by client_order_id.' })

const item = z.discriminatedUnion('action', [placing, cancelling], 'is an object whose action is place or cancel')
type Item = z.output<typeof item>

const batch = z.object({
  items: z.array(item, 'is a list').min(1, 'is empty').max(itemsMax, `has more than ${itemsMax} items`)
}).meta({ id: 'Batch' })

const result = z.strictObject({
  index: z.int(),
  status: z.int().meta({ description: 'As if it had been sent alone.' }),
  data: orderRow.optional(),
  errors: z.looseObject({}).optional(),
  error: z.looseObject({}).optional()
}).meta({ id: 'BatchResult' })

type Result = z.output<typeof result>

type Command = SubmitOrder | SubmitCancel
type Meant = { readonly terms: Terms } | { readonly cancels: Extract<Item, { readonly action: 'cancel' }> }

/** What an item means, or what is wrong with it under its place in the list. */
function meant (item: Item, index: number, { at, fault }: Pick<SignedCall, 'at'> & { readonly fault: Fault }): Meant {
  const here: Fault = (field, what) => { fault(`items.${index}.${field}`, what) }
  if (item.action === 'place') return { terms: termsOf(item, at, here) }
  const isNamedOnce = (item.order_id == null) !== (item.client_order_id == null)
  if (!isNamedOnce) here('order_id', 'or client_order_id is given, and not both')
  return { cancels: item }
}

function commandOf (ports: Ports, item: Meant, { caller: { holder }, at, tag }: SignedCall): Command {
  if ('terms' in item) return submitOrder(ports, item.terms, { holder, at, commandId: tag.id })
  const { order_id: id, client_order_id: own } = item.cancels
  const orderId = own == null ? orderIdOf(id ?? '') : ports.ledger.orderByClientId(holder, own)?.orderId ?? null
  if (orderId === null) throw refused('unknown_order')
  return { kind: 'submit-cancel', holder, orderId }
}

/** Ready to be sent, or why it can't be. Its command has an id of its own, the same when the batch comes again. */
type Ready = { readonly command: Command, readonly tag: CommandTag } | { readonly error: ApiError }

type Place = { readonly call: SignedCall, readonly index: number }

function ready (ports: Ports, item: Meant, { call, index }: Place): Ready {
  const tag = { ...call.tag, id: `${call.tag.id}.${index}` }
  try {
    return { command: commandOf(ports, item, { ...call, tag }), tag }
  } catch (error) {
    if (error instanceof ApiError) return { error }
    throw error
  }
}

async function outcomeOf (ports: Ports, command: Command, answer: Answer | undefined): Promise<Omit<Result, 'index'>> {
  if (command.kind === 'submit-cancel') {
    await orderedNow(ports, answer, command)
    return { status: 204 }
  }
  const { order, position } = ordered(answer)
  return { status: 201, data: orderJson(order, position) }
}

function refusal (error: unknown): Omit<Result, 'index'> {
  if (!(error instanceof ApiError)) throw error
  return { status: error.status, ...errorBody(error) }
}

async function run (ports: Ports, call: SignedCall, items: readonly Item[]): Promise<Reply> {
  assertReady(ports.ledger, call.caller.holder)
  const all = judged(fault => items.map((each, index) => meant(each, index, { at: call.at, fault })))
  const readied = all.map((each, index) => ready(ports, each, { call, index }))
  const sent = readied.filter(each => 'command' in each)
  const answers = sent.length === 0 ? [] : await ports.ledger.submit(sent)
  const data = await Promise.all(readied.map(async (each, index): Promise<Result> => {
    if ('error' in each) return { index, ...refusal(each.error) }
    const answer = answers[sent.indexOf(each)]
    return { index, ...await outcomeOf(ports, each.command, answer).catch(refusal) }
  }))
  return { body: { data } }
}

/** Cancels count towards no rate: a limit must not keep anyone in a risk. */
function marketsOf (body: unknown): ReadonlyArray<string | null> {
  const items = typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items : []
  const placed = items.slice(0, itemsMax).filter((item: unknown) =>
    typeof item === 'object' && item !== null && 'action' in item && item.action === 'place')
  return placed.map(marketNamedIn)
}

export const orderBatchRoute = (ports: Ports): Route => command({
  method: 'POST',
  path: '/orders/batch',
  summary: 'Places and cancels up to 100 orders, in their order, each with a result of its own.',
  access: traders,
  body: batch,
  counts: ({ body }) => marketsOf(body),
  replies: { 200: z.strictObject({ data: z.array(result) }) },
  answer: (call, { items }) => run(ports, call, items)
})
