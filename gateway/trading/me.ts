// Who the caller is here, what it may do, and which sub-accounts it has.

import { z } from 'zod'
import { amount, one, time } from '../http/reply-schemas.ts'
import { ownResource, type Route } from '../http/route.ts'
import type { HolderView, Ports, User, UserRole } from '../ports.ts'
import { userIdOf } from './account-ids.ts'
import { dollars, isoTime } from './decimals.ts'
import { assertReady } from './refusals.ts'

/** In the words in which the published clients ask for permissions. */
const grants: Readonly<Record<UserRole, readonly string[]>> = {
  trader: ['account:read', 'account:write', 'trade:read', 'trade:write'],
  supplier: ['account:read', 'account:write', 'trade:read', 'trade:write', 'supply:read', 'supply:write'],
  finance: ['account:read', 'account:write'],
  admin: ['account:read']
}

const userRow = {
  user_id: z.string(),
  id: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  account_mode: z.enum(['easy', 'advanced']),
  created_at: time,
  updated_at: time
}

const userJson = (user: User, holder: HolderView | null) => ({
  user_id: userIdOf(user.userId),
  id: userIdOf(user.userId),
  email: user.email,
  name: user.name,
  roles: [...user.roles],
  account_mode: holder?.mode ?? 'easy', // Without accounts nothing can be ordered, which is what `easy` says.
  created_at: isoTime(user.createdAt),
  updated_at: isoTime(user.updatedAt)
})

const me = z.strictObject({
  ...userRow,
  email_verified: z.boolean(),
  accepted_terms: z.boolean(),
  capabilities: z.array(z.string()),
  owner_id: z.string().meta({ description: 'Whose orders never trade with each other.' }),
  parent_user_id: z.string().nullable(),
  fees: z.strictObject({ maker_bp: z.int(), taker_bp: z.int(), volume_30d: amount }).nullable()
}).meta({ id: 'Me' })

const feesJson = ({ makerBp, takerBp, volume }: HolderView) =>
  ({ maker_bp: makerBp, taker_bp: takerBp, volume_30d: dollars(volume) })

const subAccount = z.strictObject({ ...userRow, status: z.enum(['active', 'suspended']), cash_balance: amount.nullable() })
  .meta({ id: 'SubAccount' })

export function userRoutes ({ ledger, identities }: Ports): Route[] {
  return [
    ownResource({
      path: '/me',
      summary: 'Who you are here.',
      query: {},
      replies: { 200: one(me) },
      answer: ({ caller: { user } }) => {
        assertReady(ledger, user.userId)
        const holder = ledger.holder(user.userId)
        const data: z.output<typeof me> = {
          ...userJson(user, holder),
          email_verified: true, // An operator makes the users.
          accepted_terms: true,
          capabilities: [...new Set(user.roles.flatMap(role => grants[role]))],
          owner_id: `owner_${user.owner}`,
          parent_user_id: user.parent === null ? null : userIdOf(user.parent),
          fees: holder === null ? null : feesJson(holder)
        }
        return { body: { data } }
      }
    }),
    ownResource({
      path: '/sub-accounts',
      summary: 'Users whose parent you are; an operator makes them.',
      query: {},
      replies: { 200: z.strictObject({ data: z.array(subAccount) }) },
      answer: ({ caller: { user } }) => {
        const data = identities.subAccounts(user.userId).map((sub): z.output<typeof subAccount> => {
          assertReady(ledger, sub.userId)
          const holder = ledger.holder(sub.userId)
          const status = sub.isActive && holder?.isSuspended !== true ? 'active' : 'suspended'
          const cash = holder === null ? null : dollars(BigInt(holder.cash.posted))
          return { ...userJson(sub, holder), status, cash_balance: cash }
        })
        return { body: { data } }
      }
    })
  ]
}
