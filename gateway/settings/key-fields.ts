// The fields of a consumption key: what may be asked of one, and what is shown.

import { z } from 'zod'
import type { KeyLimits } from '../../pipelines/identities/consumption-keys.ts'
import type { ConsumptionKey } from '../../schemas/identity/records.ts'
import { budgetPeriod } from '../../schemas/ledger/usage-commands.ts'
import { instant, tokens } from '../../schemas/units.ts'
import { time } from '../http/reply-schemas.ts'
import { isRange } from '../limits/addresses.ts'
import { instrumentAsked } from '../trading/body-values.ts'
import { isoTime } from '../trading/decimals.ts'

const entriesMax = 100
const tagsMax = 10
const countMax = 1_000_000_000
const tokensMax = 1_000_000_000_000

const atMost = (max: number) => z.int('is a whole number').min(1, 'is at least 1').max(max, `is at most ${max}`).nullable()

const moment = z.iso.datetime({ offset: true, error: 'is an ISO 8601 time with a zone' })
  .transform(text => instant(Date.parse(text))).nullable()

const list = <Entry extends z.ZodType>(entry: Entry, max = entriesMax) =>
  z.array(entry, 'is a list').max(max, `has at most ${max} entries`)

const range = z.string('is an address or a network').refine(isRange, 'is neither an address nor a network in CIDR')
const word = z.string('is a word').regex(/^[!-~]{1,50}$/, 'is 1 to 50 visible characters')

const limits = {
  instruments: list(instrumentAsked).meta({ description: 'What it may draw on; empty: everything.' }),
  addresses: list(range).meta({ description: 'From where, as CIDR; empty: from anywhere.', examples: [['192.0.2.0/24']] }),
  requests_per_minute: atMost(countMax),
  tokens_per_minute: atMost(tokensMax).meta({ description: 'Billed in a minute; beyond it the next request waits.' }),
  open_max: atMost(countMax).meta({ description: 'Requests at once.' }),
  budget_tokens: atMost(tokensMax).meta({ description: 'What it may draw in a period of its budget.' }),
  budget_period: z.enum(budgetPeriod, `is one of ${budgetPeriod.join(', ')}`).meta({ description: 'Days and months are UTC\'s.' }),
  tags: list(word, tagsMax).meta({ description: 'Words that go with its requests into receipts.' })
}

const name = z.string('is a name').trim().min(1, 'is empty').max(100, 'is longer than 100 characters')

export const newKeyFields = z.object({ name, expires_at: moment.optional(), ...z.object(limits).partial().shape })
export const changedKeyFields = z.object({
  name: name.optional(),
  is_active: z.boolean('is true or false').optional(),
  expires_at: moment.optional(),
  ...z.object(limits).partial().shape
})

type LimitsAsked = Partial<Omit<z.output<typeof changedKeyFields>, 'name' | 'is_active' | 'expires_at'>>

/** Without those that are undefined. */
type Said<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

function said<Fields extends object> (fields: Fields): Said<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Said<Fields>
}

export const limitsOf = (asked: LimitsAsked): Partial<KeyLimits> => said({
  instruments: asked.instruments?.map(({ instrumentId }) => instrumentId),
  addresses: asked.addresses,
  requestsPerMinute: asked.requests_per_minute,
  tokensPerMinute: asked.tokens_per_minute,
  openMax: asked.open_max,
  budgetTokens: asked.budget_tokens == null ? asked.budget_tokens : tokens(asked.budget_tokens),
  budgetPeriod: asked.budget_period,
  tags: asked.tags
})

/** What a change leaves of a key. */
export function changedKey (before: ConsumptionKey, asked: z.output<typeof changedKeyFields>): ConsumptionKey {
  const { name, is_active: isActive, expires_at: expiresAt, ...others } = asked
  return { ...before, kind: before.kind, ...said({ name, isActive, expiresAt }), ...limitsOf(others) }
}

export const keyRow = z.strictObject({
  id: z.string(),
  name: z.string(),
  key: z.string().nullable().meta({ description: 'Only in the answer that makes it; then null.' }),
  key_prefix: z.string(),
  is_active: z.boolean(),
  expires_at: time.nullable(),
  created_at: time,
  instruments: z.array(z.string()),
  addresses: z.array(z.string()),
  requests_per_minute: z.int().nullable(),
  tokens_per_minute: z.int().nullable(),
  open_max: z.int().nullable(),
  budget_tokens: z.int().nullable(),
  budget_period: z.string(),
  tags: z.array(z.string())
}).meta({ id: 'ApiKey' })

export function keyJson (key: ConsumptionKey, shownOnce: string | null = null): z.output<typeof keyRow> {
  return {
    id: key.keyId,
    name: key.name,
    key: shownOnce,
    key_prefix: key.keyPrefix,
    is_active: key.isActive,
    expires_at: key.expiresAt === null ? null : isoTime(key.expiresAt),
    created_at: isoTime(key.createdAt),
    instruments: [...key.instruments],
    addresses: [...key.addresses],
    requests_per_minute: key.requestsPerMinute,
    tokens_per_minute: key.tokensPerMinute,
    open_max: key.openMax,
    budget_tokens: key.budgetTokens,
    budget_period: key.budgetPeriod,
    tags: [...key.tags]
  }
}
