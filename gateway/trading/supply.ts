// What a supplier issues. Units are issued into Issuance, moved to Trading, and sold from there.

import { z } from 'zod'
import { invalid } from '../errors.ts'
import { equality, exact, type ConditionOf } from '../http/listing.ts'
import { logPosition, one, page, time } from '../http/reply-schemas.ts'
import { command, ownList, type Reply, type Route } from '../http/route.ts'
import { comparison, type Movement, type MovementCondition, type Ports, type User } from '../ports.ts'
import { clientReferenceOf, moved, referenceOf } from './account-commands.ts'
import { movementId, tradingAccountId } from './account-ids.ts'
import { instrumentNames } from './account-rows.ts'
import { clientReference, instrumentAsked, unitsAsked } from './body-values.ts'
import { isoTime } from './decimals.ts'
import { entryListing, entryPage, since, until } from './entry-pages.ts'
import { anInstant, instrument } from './parameters.ts'

const access = ['supplier'] as const

const filterable = {
  instrument_id: { schema: instrument, ops: equality },
  status: { schema: z.literal('issued', 'is issued'), ops: exact },
  created_at: { schema: anInstant, ops: comparison },
  from: since,
  to: until,
  start_datetime: since,
  end_datetime: until
}

function condition (asked: ConditionOf<typeof filterable>): MovementCondition[] {
  switch (asked.field) {
    case 'instrument_id': {
      return [{ field: 'instrumentId', op: asked.op === '!=' ? '!=' : '==', value: asked.value.instrumentId }]
    }
    case 'status': return []
    case 'created_at': return [{ field: 'bookedAt', op: asked.op, value: asked.value }]
    case 'from':
    case 'start_datetime': return [{ field: 'bookedAt', op: '>=', value: asked.value }]
    case 'to':
    case 'end_datetime': return [{ field: 'bookedAt', op: '<=', value: asked.value }]
  }
}

const issued = {
  id: z.string(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  quantity: z.int(),
  status: z.literal('issued'),
  client_reference: z.string().nullable(),
  created_at: time
}
const issuance = z.strictObject(issued).meta({ id: 'SupplyIssuance' })
const newIssuance = z.strictObject({ ...issued, log_position: logPosition }).meta({ id: 'NewSupplyIssuance' })

function issuanceEntryJson ({ user, ...movement }: Movement & { readonly user: User }): z.output<typeof issuance> {
  if (movement.instrumentId === null) throw new Error('an issuance names no instrument')
  return {
    id: movementId('issuance', user.userId, movement),
    ...instrumentNames(movement.instrumentId),
    quantity: movement.amount,
    status: 'issued',
    client_reference: clientReferenceOf(movement.reference),
    created_at: isoTime(movement.bookedAt)
  }
}

const issuanceBody = z.object({
  instrument_id: instrumentAsked, quantity: unitsAsked, client_reference: clientReference
}).meta({ id: 'SupplyIssuanceAsked' })

const transferBody = issuanceBody.extend({
  trading_account_id: z.string().max(100, 'is too long').optional()
    .meta({ description: 'Your own of that instrument: there is no other.' })
}).meta({ id: 'IssuedTransferAsked' })

const transferReply = z.strictObject({
  status: z.literal('accepted'),
  message: z.string(),
  transfer_id: z.string(),
  data: z.strictObject({
    transfer_id: z.string(),
    instrument_id: z.string(),
    quantity: z.int(),
    trading_account_id: z.string(),
    client_reference: z.string().nullable(),
    transferred_at: time,
    log_position: logPosition
  })
})

function commands ({ ledger }: Ports): Route[] {
  return [
    command({
      method: 'POST',
      path: '/supply-issuances',
      summary: 'Issues units of what you supply.',
      access,
      body: issuanceBody,
      replies: { 201: one(newIssuance) },
      answer: async (call, { instrument_id: { instrumentId }, quantity, client_reference: own }): Promise<Reply> => {
        const { holder } = call.caller
        const reference = referenceOf(call, own)
        const command = { kind: 'issue-supply', holder, instrumentId, quantity, reference } as const
        const did = await moved(ledger, call, { command, type: 'issuance' })
        const data: z.output<typeof newIssuance> = {
          id: did.id,
          ...instrumentNames(instrumentId),
          quantity,
          status: 'issued',
          client_reference: did.reference,
          created_at: isoTime(did.at),
          log_position: did.position
        }
        return { status: 201, body: { data } }
      }
    }),
    command({
      method: 'POST',
      path: '/issuance-accounts/transfer',
      summary: 'Moves issued units to Trading, where they can be sold.',
      access,
      body: transferBody,
      replies: { 202: transferReply },
      answer: async (call, { instrument_id: { instrumentId, publicId }, quantity, ...body }): Promise<Reply> => {
        const holder = call.caller.holder
        const account = tradingAccountId(holder, instrumentId)
        if (body.trading_account_id !== undefined && body.trading_account_id !== account) {
          throw invalid({ trading_account_id: ['is not your trading account of this instrument'] })
        }
        const reference = referenceOf(call, body.client_reference)
        const command = { kind: 'transfer-issued', holder, instrumentId, quantity, reference } as const
        const { id, ...did } = await moved(ledger, call, { command, type: 'issued_transfer' })
        const data = {
          transfer_id: id,
          instrument_id: publicId,
          quantity,
          trading_account_id: account,
          client_reference: did.reference,
          transferred_at: isoTime(did.at),
          log_position: did.position
        }
        return { status: 202, body: { status: 'accepted', message: 'The units are in Trading.', transfer_id: id, data } }
      }
    })
  ]
}

export function supplyRoutes (ports: Ports): Route[] {
  const { accountHistory } = ports
  return [
    ...commands(ports),
    ownList({
      path: '/supply-issuances',
      summary: 'What you issued, newest first.',
      access,
      listing: entryListing(filterable, ['created_at']),
      replies: { 200: page(issuance) },
      answer: async ({ caller: { holder, user } }, asked): Promise<Reply> => {
        const conditions = asked.conditions.flatMap(condition)
        const { rows, paging } = await entryPage(asked, async window =>
          accountHistory.movements({ holder, types: ['issuance'], conditions, ...window }))
        return { body: { data: rows.map(row => issuanceEntryJson({ ...row, user })), paging } }
      }
    })
  ]
}
