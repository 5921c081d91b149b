// An account's mode, Auto-Buy and Auto-Reload, in the words in which they are published.

import { z } from 'zod'
import type { AccountSettings } from '../../schemas/identity/records.ts'
import { accountMode, type AccountMode } from '../../schemas/ledger/commands.ts'
import { microdollars, type Microdollars } from '../../schemas/units.ts'
import { centsOf } from '../credit/payments.ts'
import { ApiError, invalid } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { amount, nothing, one } from '../http/reply-schemas.ts'
import { command, ownResource, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { dollars, microdollarsOf } from '../trading/decimals.ts'
import { assertReady, done } from '../trading/refusals.ts'
import type { Change, SettingsChanges } from './settings-changes.ts'

const path = '/self/system-settings'
const whole = z.int().meta({ description: 'Units. The operator\'s.' })

const shown = z.strictObject({
  account_mode: z.enum(accountMode),
  auto_transfer_enabled: z.boolean(),
  auto_buy_enabled: z.boolean(),
  auto_buy_quantity: whole,
  auto_buy_trigger_threshold: whole,
  auto_reload_enabled: z.boolean(),
  auto_reload_threshold_usd: amount,
  auto_reload_amount_usd: amount,
  auto_reload_monthly_limit_usd: amount.nullable(),
  payment_method_saved: z.boolean(),
  mode_managed_fields: z.array(z.string()),
  auto_top_up_enabled: z.boolean().meta({ deprecated: true }),
  auto_top_up_quantity: whole.meta({ deprecated: true }),
  auto_top_up_trigger_threshold: whole.meta({ deprecated: true })
}).meta({ id: 'SystemSettings' })

/** In Auto Mode the market buys what a request needs, in whole units, when it needs it. */
const buying = { quantity: 1, threshold: 1 }
const managedFields = ['auto_transfer_enabled', 'auto_buy_enabled']

function settingsJson (settings: AccountSettings, mode: AccountMode): z.output<typeof shown> {
  const isEasy = mode === 'easy'
  const { reloadThreshold, reloadAmount, reloadMonthlyMax } = settings
  return {
    account_mode: mode,
    auto_transfer_enabled: isEasy,
    auto_buy_enabled: isEasy,
    auto_buy_quantity: buying.quantity,
    auto_buy_trigger_threshold: buying.threshold,
    auto_reload_enabled: settings.reloadEnabled,
    auto_reload_threshold_usd: dollars(reloadThreshold),
    auto_reload_amount_usd: dollars(reloadAmount),
    auto_reload_monthly_limit_usd: reloadMonthlyMax === null ? null : dollars(reloadMonthlyMax),
    payment_method_saved: settings.paymentMethod !== null,
    mode_managed_fields: managedFields,
    auto_top_up_enabled: isEasy,
    auto_top_up_quantity: buying.quantity,
    auto_top_up_trigger_threshold: buying.threshold
  }
}

/** Who has no accounts yet buys nothing by itself, and nothing else either: as `/me` says it. */
function modeOf ({ ledger }: Ports, { caller }: SignedCall): AccountMode {
  assertReady(ledger, caller.holder)
  return ledger.holder(caller.holder)?.mode ?? 'easy'
}

const dollarsFault = 'is an amount in whole cents, such as "200.00"'

/** `min`: below it nothing is taken. */
function wholeCents (min: number): z.ZodType<Microdollars, string | number> {
  return z.union([z.string().max(30, dollarsFault), z.number()], dollarsFault).transform((sent, context) => {
    const read = microdollarsOf(String(sent))
    if (read !== null && read >= min && (read === 0 || centsOf(read) !== null)) return read
    const message = read === null || centsOf(read) === null ? dollarsFault : `is at least $${dollars(microdollars(min))}`
    context.issues.push({ code: 'custom', message, input: sent })
    return z.NEVER
  }).meta({ examples: ['200.00'] })
}

const yesOrNo = z.boolean('is true or false')
const chargeMin = 5_000_000

const reloadBody = z.object({
  auto_reload_enabled: yesOrNo.optional(),
  auto_reload_threshold_usd: wholeCents(0).optional().meta({ description: 'Credits below it are topped up.' }),
  auto_reload_amount_usd: wholeCents(chargeMin).optional().meta({ description: 'What is charged, at least 5 dollars.' }),
  auto_reload_monthly_limit_usd: wholeCents(chargeMin).nullable().optional()
    .meta({ description: 'What is charged in a month of UTC, at most; null: no limit.' }),
  payment_method: z.string('is text or null').regex(/^[!-~]{1,200}$/, 'is 1 to 200 visible characters').nullable().optional()
    .meta({ description: 'As the payment processor knows the card (customer/method); null forgets it.' })
}).meta({ id: 'AutoReloadAsked' })

function reloadOf (asked: z.output<typeof reloadBody>): Partial<AccountSettings> {
  const { auto_reload_enabled: reloadEnabled, auto_reload_threshold_usd: reloadThreshold } = asked
  const { auto_reload_amount_usd: reloadAmount, auto_reload_monthly_limit_usd: reloadMonthlyMax } = asked
  const { payment_method: paymentMethod } = asked
  return {
    ...(reloadEnabled === undefined ? {} : { reloadEnabled }),
    ...(reloadThreshold === undefined ? {} : { reloadThreshold }),
    ...(reloadAmount === undefined ? {} : { reloadAmount }),
    ...(reloadMonthlyMax === undefined ? {} : { reloadMonthlyMax }),
    ...(paymentMethod === undefined ? {} : { paymentMethod })
  }
}

/** What the settings have to be together, with what was asked for in them. */
const reload = (asked: Partial<AccountSettings>): Change => before => {
  const { reloadEnabled, paymentMethod, reloadAmount, reloadMonthlyMax } = { ...before, ...asked }
  if (reloadEnabled && paymentMethod === null) throw invalid({ auto_reload_enabled: ['needs a saved payment method'] })
  if (reloadMonthlyMax !== null && reloadMonthlyMax < reloadAmount) {
    throw invalid({ auto_reload_monthly_limit_usd: ['is less than one charge'] })
  }
  return asked
}

const buyBody = z.object({ auto_buy_enabled: yesOrNo }).meta({ id: 'AutoBuyAsked' })
const modeBody = z.object({ mode: z.enum(accountMode, 'is easy or advanced') }).meta({ id: 'AccountModeAsked' })

/** The mode says so, and nobody else. */
function assertManaged (mode: AccountMode, isEnabled: boolean): void {
  if (isEnabled === (mode === 'easy')) return
  const said = `In ${mode} mode auto_buy_enabled is ${mode === 'easy'}: change the account's mode.`
  throw new ApiError('mode_managed_setting', said)
}

export function systemSettingRoutes (ports: Ports, changes: SettingsChanges): Route[] {
  const { ledger, settings } = ports
  const reply = (call: SignedCall, of = settings.settings(call.caller.holder)) =>
    ({ body: { data: settingsJson(of, modeOf(ports, call)) } })
  return [
    ownResource({
      path,
      summary: 'Your mode, Auto-Buy and Auto-Reload.',
      query: {},
      replies: { 200: one(shown) },
      answer: call => reply(call)
    }),
    command({
      method: 'PATCH',
      path: `${path}/auto_reload`,
      summary: 'Changes when your saved card is charged; what is not sent stays as it is.',
      body: reloadBody,
      replies: { 200: one(shown) },
      answer: async (call, asked) => reply(call, await changes.change(call.caller.holder, reload(reloadOf(asked))))
    }),
    command({
      method: 'PATCH',
      path: `${path}/auto-buy`,
      summary: 'Auto-Buy goes with the mode: only what the mode says is taken.',
      body: buyBody,
      replies: { 200: one(shown) },
      answer: (call, { auto_buy_enabled: isEnabled }) => {
        assertManaged(modeOf(ports, call), isEnabled)
        return reply(call)
      }
    }),
    command({
      method: 'POST',
      path: `${path}/account-mode`,
      summary: 'Changes the mode; open orders are cancelled.',
      body: modeBody,
      replies: { 204: nothing },
      answer: async ({ caller: { holder }, tag }, { mode }) => {
        const [answer] = await ledger.submit([{ command: { kind: 'set-account-mode', holder, mode }, tag }])
        done(answer)
        return { status: 204 }
      }
    })
  ]
}
