// The caller's lots. Those that live are the replica's, exact and fresh; those that are done with are the history's.
// What both have, the replica tells.

import { z } from 'zod'
import { ApiError } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { equality, type AskedList, type ConditionOf } from '../http/listing.ts'
import { one, page } from '../http/reply-schemas.ts'
import { ownList, ownResource, type Reply, type Route } from '../http/route.ts'
import { comparison, lotStatus, type LotCondition, type LotKey, type LotStatus, type Ports } from '../ports.ts'
import type { HolderId, Instant, LotId } from '../../schemas/units.ts'
import { keyedListing, keyedPage, since, until, type Window } from './entry-pages.ts'
import { lotIdOf } from './lot-ids.ts'
import { doneLot, liveLot, lotJson, lotRow, type Lot } from './lot-rows.ts'
import { anInstant, instrument } from './parameters.ts'
import { assertReady } from './refusals.ts'

const filterable = {
  instrument_id: { schema: instrument, ops: equality },
  status: { schema: z.enum(lotStatus, `is one of ${lotStatus.join(', ')}`), ops: equality },
  opened_at: { schema: anInstant, ops: comparison },
  purchased_at: { schema: anInstant, ops: comparison },
  expires_at: { schema: anInstant, ops: comparison },
  from: since,
  to: until
}

function conditionOf (asked: ConditionOf<typeof filterable>): LotCondition {
  switch (asked.field) {
    case 'instrument_id': return { field: 'instrumentId', op: asked.op === '!=' ? '!=' : '==', value: asked.value.instrumentId }
    case 'status': return { field: 'status', op: 'in', value: lotStatus.filter(each => (each === asked.value) === (asked.op === '==')) }
    case 'opened_at':
    case 'purchased_at': return { field: 'openedAt', op: asked.op, value: asked.value }
    case 'expires_at': return { field: 'expiresAt', op: asked.op, value: asked.value }
    case 'from': return { field: 'openedAt', op: '>=', value: asked.value }
    case 'to': return { field: 'openedAt', op: '<=', value: asked.value }
  }
}

function meets (lot: Lot, { field, op, value }: LotCondition): boolean {
  if (op === 'in') return value.includes(lot.status)
  if (op === '==') return lot[field] === value
  if (op === '!=') return lot[field] !== value
  // What is compared by size is a number.
  const [actual, sought] = [lot[field], value] as [number, number]
  switch (op) {
    case '>': return actual > sought
    case '<': return actual < sought
    case '>=': return actual >= sought
    case '<=': return actual <= sought
  }
}

/** Which of the history's words are asked for: there, a lot whose end has not arrived is active still. */
function ofHistory (condition: LotCondition): LotCondition {
  if (condition.field !== 'status' || !condition.value.includes('consumed')) return condition
  return { ...condition, value: [...new Set<LotStatus>([...condition.value, 'active'])] }
}

/** Nothing of the history can be among them. */
const areLiveOnly = (conditions: readonly LotCondition[]): boolean => conditions.some(condition =>
  condition.field === 'status' && !condition.value.includes('consumed') && !condition.value.includes('expired'))

const inKeyOrder = (a: LotKey, b: LotKey): number => a.openedAt - b.openedAt || a.lotId - b.lotId

type Asked = {
  readonly holder: HolderId
  readonly conditions: readonly LotCondition[]
  readonly window: Window<LotKey>
}

async function lotsOf (
  { ledger, accountHistory, now }: Ports, { holder, conditions, window }: Asked
): Promise<Lot[]> {
  assertReady(ledger, holder)
  const at = now()
  const live = ledger.lots(holder).map(liveLot)
  const own = new Set(live.map(({ lotId }) => lotId))
  // More than the page has, by those that the replica will tell instead.
  const limit = window.limit + live.length
  const past = areLiveOnly(conditions)
    ? []
    : await accountHistory.lots({ holder, ...window, limit, conditions: conditions.map(ofHistory), now: at })
  const done = past.filter(({ lotId }) => !own.has(lotId)).map(lot => doneLot(lot, at))
  const sign = window.order === 'asc' ? 1 : -1
  return [...live, ...done]
    .filter(lot => conditions.every(condition => meets(lot, condition)))
    .filter(({ key }) => window.beyond === null || sign * inKeyOrder(key, window.beyond) > 0)
    .sort((a, b) => sign * inKeyOrder(a.key, b.key))
    .slice(0, window.limit)
}

type Cursor = readonly [number, number]
const cursor: z.ZodType<Cursor> = z.tuple([z.int(), z.int()])
const keyAt = ([openedAt, lotId]: Cursor): LotKey => ({ openedAt: openedAt as Instant, lotId: lotId as LotId })

async function lotPage (ports: Ports, call: SignedCall, asked: AskedList<typeof filterable, Cursor>): Promise<Reply> {
  const { holder } = call.caller
  const conditions = asked.conditions.map(conditionOf)
  const { rows, paging } = await keyedPage(asked, {
    fetched: async ({ beyond, ...window }) =>
      lotsOf(ports, { holder, conditions, window: { ...window, beyond: beyond === null ? null : keyAt(beyond) } }),
    keyOf: ({ key }): Cursor => [key.openedAt, key.lotId]
  })
  return { body: { data: rows.map(row => lotJson(holder, row)), paging } }
}

export function lotRoutes (ports: Ports): Route[] {
  return [
    ownList({
      path: '/accounts/lots',
      summary: 'Your lots: tokens for use, what they cost and when they expire.',
      listing: keyedListing(filterable, ['opened_at', 'purchased_at', 'created_at'], cursor),
      replies: { 200: page(lotRow) },
      answer: async (call, asked) => lotPage(ports, call, asked)
    }),
    ownResource({
      path: '/accounts/lots/:lot',
      summary: 'One lot.',
      query: {},
      replies: { 200: one(lotRow) },
      answer: async call => {
        const lotId = lotIdOf(call.params['lot'] ?? '')
        const found = lotId === null ? undefined : await lotById(ports, call, lotId)
        if (found === undefined) throw new ApiError('not_found', 'You have no such lot.')
        return { body: { data: lotJson(call.caller.holder, found) } }
      }
    })
  ]
}

async function lotById (
  { ledger, accountHistory, now }: Ports, { caller: { holder } }: SignedCall, lotId: LotId
): Promise<Lot | undefined> {
  assertReady(ledger, holder)
  const live = ledger.lots(holder).find(lot => lot.lotId === lotId)
  if (live !== undefined) return liveLot(live, 0)
  const conditions = [{ field: 'lotId', op: '==', value: lotId }] as const
  const [past] = await accountHistory.lots({ holder, conditions, beyond: null, limit: 1, order: 'asc', now: now() })
  return past === undefined ? undefined : doneLot(past, now())
}
