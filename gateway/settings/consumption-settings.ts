// How an account's requests are served, and what the market may pay for it.

import { z } from 'zod'
import { delivery, type AccountSettings } from '../../schemas/identity/records.ts'
import { amount, one, time } from '../http/reply-schemas.ts'
import { command, ownResource, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { amountAsked, instrumentAsked } from '../trading/body-values.ts'
import { dollars, isoTime } from '../trading/decimals.ts'
import type { SettingsChanges } from './settings-changes.ts'

const aliasesMax = 50
const pricesMaxBpMax = 10_000
const pattern = z.string('is a name').toLowerCase()
  .regex(/^[\w.:/@*-]{1,100}$/, 'is 1 to 100 letters, digits and . : / @ _ - *')
const yesOrNo = z.boolean('is true or false')

const aliasAsked = z.object({ pattern, instrument: instrumentAsked }, 'is an object with pattern and instrument')

const body = z.object({
  delivery: z.enum(delivery, `is one of ${delivery.join(', ')}, or null`).nullable().optional()
    .meta({ description: 'Who answers: this host after a redirect to itself, the supplier, this host at once; null: as the host says.' }),
  aliases: z.array(aliasAsked, 'is a list').max(aliasesMax, `has at most ${aliasesMax} entries`).optional()
    .meta({ description: 'Names of models that stand for instruments; the first that fits counts.' }),
  spend_max: amountAsked.nullable().optional()
    .meta({ description: 'What one purchase of Auto Mode may cost, in dollars; null: what cash there is.' }),
  prices_max_bp: z.int('is a whole number').min(0, 'is at least 0').max(pricesMaxBpMax, `is at most ${pricesMaxBpMax}`).nullable().optional()
    .meta({ description: 'How far above the reference Auto Mode may pay, in basis points; null: the default.' }),
  uses_managed: yesOrNo.optional()
    .meta({ description: 'Whether a managed supplier may serve where nothing can be bought.' }),
  stores_responses: yesOrNo.optional()
    .meta({ description: 'Whether responses are kept, encrypted, for 24 hours unless a request says otherwise.' })
}).meta({ id: 'ConsumptionSettingsAsked' })

const shown = z.strictObject({
  delivery: z.enum(delivery).nullable(),
  aliases: z.array(z.strictObject({ pattern: z.string(), instrument: z.string() })),
  spend_max: amount.nullable(),
  prices_max_bp: z.int().nullable(),
  uses_managed: z.boolean(),
  stores_responses: z.boolean(),
  updated_at: time.nullable().meta({ description: 'Null: nothing was ever set.' })
}).meta({ id: 'ConsumptionSettings' })

const isDelivery = (text: string | null): text is typeof delivery[number] | null =>
  text === null || (delivery as readonly string[]).includes(text)

function settingsJson (settings: AccountSettings): z.output<typeof shown> {
  return {
    delivery: isDelivery(settings.delivery) ? settings.delivery : null,
    aliases: settings.aliases.map(({ pattern, instrumentId }) => ({ pattern, instrument: instrumentId })),
    spend_max: settings.spendMax === null ? null : dollars(settings.spendMax),
    prices_max_bp: settings.pricesMaxBp,
    uses_managed: settings.usesManaged,
    stores_responses: settings.storesResponses,
    updated_at: settings.updatedAt === 0 ? null : isoTime(settings.updatedAt)
  }
}

/** Field by field: what was not sent is not among them, and stays as it is. */
function changeOf (asked: z.output<typeof body>): Partial<AccountSettings> {
  const { delivery, aliases, spend_max: spendMax, prices_max_bp: pricesMaxBp } = asked
  const { uses_managed: usesManaged, stores_responses: storesResponses } = asked
  return {
    ...(delivery === undefined ? {} : { delivery }),
    ...(aliases === undefined
      ? {}
      : { aliases: aliases.map(({ pattern, instrument }) => ({ pattern, instrumentId: instrument.instrumentId })) }),
    ...(spendMax === undefined ? {} : { spendMax }),
    ...(pricesMaxBp === undefined ? {} : { pricesMaxBp }),
    ...(usesManaged === undefined ? {} : { usesManaged }),
    ...(storesResponses === undefined ? {} : { storesResponses })
  }
}

export function consumptionSettingRoutes ({ settings }: Ports, changes: SettingsChanges): Route[] {
  return [
    ownResource({
      path: '/consumption-settings',
      summary: 'How your requests for inference are served.',
      query: {},
      replies: { 200: one(shown) },
      answer: ({ caller }) => ({ body: { data: settingsJson(settings.settings(caller.holder)) } })
    }),
    command({
      method: 'PUT',
      path: '/consumption-settings',
      summary: 'Changes how your requests are served; what is not sent stays as it is.',
      body,
      replies: { 200: one(shown) },
      answer: async ({ caller }, asked) =>
        ({ body: { data: settingsJson(await changes.change(caller.holder, () => changeOf(asked))) } })
    })
  ]
}
