// Units that the caller moves from Trading to Consumption, and money that it moves between accounts of its owner.

import { z } from 'zod'
import type { HolderId } from '../../schemas/units.ts'
import { ApiError, invalid } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { amount, logPosition, time } from '../http/reply-schemas.ts'
import { command, type Reply, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { moved, referenceOf, type Done } from './account-commands.ts'
import { holderOf, userIdOf } from './account-ids.ts'
import { amountAsked, clientReference, instrumentAsked, unitsAsked } from './body-values.ts'
import { dollars, isoTime } from './decimals.ts'

const unitsBody = z.object({
  instrument_id: instrumentAsked, quantity: unitsAsked, client_reference: clientReference
}).meta({ id: 'UnitTransferAsked' })

const fundsBody = z.object({
  to_user_id: z.string().max(100, 'is too long').meta({ description: 'A user of the same owner.', examples: ['user_2'] }),
  amount: amountAsked,
  client_reference: clientReference
}).meta({ id: 'FundTransferAsked' })

const transfer = {
  transfer_id: z.string(),
  client_reference: z.string().nullable(),
  transferred_at: time,
  log_position: logPosition
}
const transferred = (asked: Readonly<Record<string, z.ZodType>>): z.ZodType => z.strictObject({
  status: z.literal('success'), transfer_id: z.string(), data: z.strictObject({ ...transfer, ...asked })
})

function doneJson ({ id, reference, at, position }: Done, asked: object): object {
  const told = { transfer_id: id, client_reference: reference, transferred_at: isoTime(at), log_position: position }
  return { status: 'success', transfer_id: id, data: { ...told, ...asked } }
}

/** The holder a transfer goes to: another's user is not there, as far as the caller is told. */
function receiverOf ({ identities }: Ports, { caller }: SignedCall, id: string): HolderId {
  const to = holderOf(id)
  if (to === caller.holder) throw invalid({ to_user_id: ['is you'] })
  const user = to === undefined ? undefined : identities.user(to)
  if (user?.owner !== caller.user.owner) throw new ApiError('not_found', 'There is no such user of your owner.')
  return user.userId
}

export function transferRoutes (ports: Ports): Route[] {
  const { ledger } = ports
  return [
    command({
      method: 'POST',
      path: '/transfers/trading-to-consumption',
      summary: 'Takes units out of Trading for use; they do not go back.',
      access: ['trader', 'supplier'],
      body: unitsBody,
      replies: { 200: transferred({ instrument_id: z.string(), quantity: z.int() }) },
      answer: async (call, { instrument_id: { instrumentId, publicId }, quantity, ...body }): Promise<Reply> => {
        const reference = referenceOf(call, body.client_reference)
        const asked = { holder: call.caller.holder, instrumentId, quantity, reference }
        const command = { kind: 'transfer-to-consumption', ...asked } as const
        const did = await moved(ledger, call, { command, type: 'consumption_transfer' })
        return { body: doneJson(did, { instrument_id: publicId, quantity }) }
      }
    }),
    command({
      method: 'POST',
      path: '/transfers/consumption-to-trading',
      summary: 'Is always refused: units in Consumption are committed to use.',
      access: ['trader', 'supplier'],
      body: unitsBody,
      answer: () => {
        const why = 'Transfers are one-way: units in Consumption are committed to use and do not go back.'
        throw new ApiError('transfer_one_way', why)
      }
    }),
    command({
      method: 'POST',
      path: '/transfers/funds',
      summary: 'Sends cash to another account of the same owner.',
      access: ['trader', 'supplier', 'finance'],
      body: fundsBody,
      replies: { 200: transferred({ to_user_id: z.string(), amount }) },
      answer: async (call, { to_user_id: toUser, amount, client_reference: own }): Promise<Reply> => {
        const to = receiverOf(ports, call, toUser)
        const { holder, user: { owner } } = call.caller
        const command = { kind: 'transfer-funds', holder, owner, to, amount, reference: referenceOf(call, own) } as const
        const did = await moved(ledger, call, { command, type: 'transfer_out' })
        return { body: doneJson(did, { to_user_id: userIdOf(to), amount: dollars(amount) }) }
      }
    })
  ]
}
