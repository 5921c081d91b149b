// What moved between the caller's accounts: units, and cash to and from others of its owner. Newest first.

import { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import type { EntryType } from '../../schemas/ledger/records.ts'
import type { HolderId } from '../../schemas/units.ts'
import { equality, exact, type AskedList, type ConditionOf } from '../http/listing.ts'
import { amount, page, time } from '../http/reply-schemas.ts'
import { ownList, type Reply, type Route } from '../http/route.ts'
import { comparison, type Movement, type MovementCondition, type Ports } from '../ports.ts'
import { clientReferenceOf } from './account-commands.ts'
import { accountId, movementId, tradingAccountId } from './account-ids.ts'
import { instrumentNames } from './account-rows.ts'
import { dollars, isoTime } from './decimals.ts'
import { entryListing, entryPage, since, until } from './entry-pages.ts'
import { anInstant, instrument, market } from './parameters.ts'

const times = {
  transferred_at: { schema: anInstant, ops: comparison },
  inserted_at: { schema: anInstant, ops: comparison },
  from: since,
  to: until,
  start_datetime: since,
  end_datetime: until
}

const unitTypes = ['issued_transfer', 'consumption_transfer', 'sweep'] as const satisfies readonly EntryType[]
const fundTypes = ['transfer_out', 'transfer_in', 'transfer_returned'] as const satisfies readonly EntryType[]

const unitFilters = {
  ...times,
  market_id: { schema: market, ops: equality },
  instrument_id: { schema: instrument, ops: equality },
  type: { schema: z.enum(unitTypes, `is one of ${unitTypes.join(', ')}`), ops: exact }
}
const fundFilters = { ...times, type: { schema: z.enum(fundTypes, `is one of ${fundTypes.join(', ')}`), ops: exact } }

function timeCondition (condition: ConditionOf<typeof times>): MovementCondition {
  switch (condition.field) {
    case 'transferred_at':
    case 'inserted_at': return { field: 'bookedAt', op: condition.op, value: condition.value }
    case 'from':
    case 'start_datetime': return { field: 'bookedAt', op: '>=', value: condition.value }
    case 'to':
    case 'end_datetime': return { field: 'bookedAt', op: '<=', value: condition.value }
  }
}

function unitCondition (condition: ConditionOf<typeof unitFilters>): MovementCondition[] {
  switch (condition.field) {
    case 'type': return []
    case 'market_id':
    case 'instrument_id': {
      const op = condition.op === '!=' ? '!=' : '=='
      return [{ field: 'instrumentId', op, value: condition.value.instrumentId }]
    }
    default: return [timeCondition(condition)]
  }
}

const fundCondition = (condition: ConditionOf<typeof fundFilters>): MovementCondition[] =>
  condition.field === 'type' ? [] : [timeCondition(condition)]

/** The types asked for, all when none is. */
const typesOf = <Type extends EntryType>(
  conditions: ReadonlyArray<{ readonly field: string, readonly value: unknown }>, all: readonly Type[]
): readonly Type[] => all.filter(type => conditions.every(({ field, value }) => field !== 'type' || value === type))

const unitTransferRow = z.strictObject({
  id: z.string(),
  transfer_id: z.string(),
  type: z.enum(unitTypes),
  status: z.literal('completed'),
  sender_account_id: z.string(),
  account_id: z.string().meta({ description: 'The one that received.' }),
  market_id: z.string().nullable(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  quantity: z.int(),
  client_reference: z.string().nullable(),
  transferred_at: time,
  inserted_at: time,
  updated_at: time
}).meta({ id: 'UnitTransfer' })

function unitTransferJson (holder: HolderId, { type, reference, instrumentId, amount, bookedAt }: Movement): object {
  if (instrumentId === null) throw new Error(`an entry of type ${type} names no instrument`)
  const id = movementId('transfer', holder, { type, reference })
  const trading = tradingAccountId(holder, instrumentId)
  const [sender, receiver] = type === 'issued_transfer'
    ? [accountId('issuance', holder, instrumentId), trading]
    : [trading, accountId('consumption', holder, instrumentId)]
  const at = isoTime(bookedAt)
  return {
    id,
    transfer_id: id,
    type,
    status: 'completed',
    sender_account_id: sender,
    account_id: receiver,
    market_id: instrumentById(instrumentId)?.marketId ?? null,
    ...instrumentNames(instrumentId),
    quantity: amount,
    client_reference: clientReferenceOf(reference),
    transferred_at: at,
    inserted_at: at,
    updated_at: at
  }
}

const fundTransferRow = z.strictObject({
  id: z.string(),
  transfer_id: z.string(),
  type: z.enum(fundTypes),
  direction: z.enum(['in', 'out']),
  currency: z.literal('usd'),
  amount,
  client_reference: z.string().nullable(),
  transferred_at: time
}).meta({ id: 'FundTransfer', description: 'transfer_returned: one that its receiver could not take.' })

function fundTransferJson (holder: HolderId, { type, reference, amount, bookedAt }: Movement): object {
  const id = movementId('transfer', holder, { type, reference })
  return {
    id,
    transfer_id: id,
    type,
    direction: type === 'transfer_out' ? 'out' : 'in',
    currency: 'usd',
    amount: dollars(BigInt(amount)),
    client_reference: clientReferenceOf(reference),
    transferred_at: isoTime(bookedAt)
  }
}

const orderBy = ['transferred_at', 'inserted_at', 'created_at'] as const

export function transferHistoryRoutes ({ accountHistory }: Ports): Route[] {
  const unitTransfers = async (holder: HolderId, asked: AskedList<typeof unitFilters, number>): Promise<Reply> => {
    const conditions = asked.conditions.flatMap(unitCondition)
    const types = typesOf(asked.conditions, unitTypes)
    const { rows, paging } = await entryPage(asked, async window =>
      accountHistory.movements({ holder, types, conditions, ...window }))
    return { body: { data: rows.map(row => unitTransferJson(holder, row)), paging } }
  }
  const listing = entryListing(unitFilters, orderBy)
  const replies = { 200: page(unitTransferRow) }
  return [
    ownList({
      path: '/transfer-histories',
      summary: 'Units that moved between your accounts.',
      listing,
      replies,
      answer: async (call, asked) => unitTransfers(call.caller.holder, asked)
    }),
    ownList({
      path: '/transfers/histories',
      summary: 'Units that moved between your accounts, under the first name.',
      listing,
      replies,
      answer: async (call, asked) => unitTransfers(call.caller.holder, asked)
    }),
    ownList({
      path: '/transfers/funds',
      summary: 'Cash that moved between your account and others of the same owner.',
      listing: entryListing(fundFilters, orderBy),
      replies: { 200: page(fundTransferRow) },
      answer: async ({ caller: { holder } }, asked): Promise<Reply> => {
        const conditions = asked.conditions.flatMap(fundCondition)
        const types = typesOf(asked.conditions, fundTypes)
        const { rows, paging } = await entryPage(asked, async window =>
          accountHistory.movements({ holder, types, conditions, ...window }))
        return { body: { data: rows.map(row => fundTransferJson(holder, row)), paging } }
      }
    })
  ]
}
