import { describe, expect, test } from 'vitest'
import type { LedgerPort } from '../../../gateway/ports.ts'
import type { AccountMode, LedgerCommand } from '../../../schemas/ledger/commands.ts'
import { orderId } from '../../../schemas/units.ts'
import { fakeAccounts } from '../fake-accounts.ts'
import { trader } from '../people.ts'
import { now } from '../support.ts'
import { servedSettings } from './people.ts'

const path = '/self/system-settings'

/** A ledger in which the mode can be set. */
function modal (first: AccountMode): { ledger: LedgerPort, heard: LedgerCommand[] } {
  const { ledger } = fakeAccounts()
  const heard: LedgerCommand[] = []
  let mode = first
  return {
    heard,
    ledger: {
      ...ledger,
      holder: holder => {
        const view = ledger.holder(holder)
        return view === null ? null : { ...view, mode }
      },
      submit: async commands => Promise.resolve(commands.map(({ command }) => {
        heard.push(command)
        if (command.kind !== 'set-account-mode') throw new Error(command.kind)
        mode = command.mode
        const about = { holder: command.holder, command: command.kind, refusal: null, orderId: orderId(0), count: 0, reference: '' }
        const position = { topic: 'ledger-1', partition: 3, offset: 1 }
        return { kind: 'done', outcome: { kind: 'command-outcome', ...about, at: now }, entries: [], position }
      }))
    }
  }
}

const served = async (mode: AccountMode) => {
  const { ledger, heard } = modal(mode)
  return { ...await servedSettings({ ledger }), heard }
}

test('the mode says what is bought and moved by itself, under all published names', async () => {
  const { ask, heard } = await served('advanced')
  const off = { auto_transfer_enabled: false, auto_buy_enabled: false, auto_top_up_enabled: false }
  expect((await ask(trader, 'GET', path)).body.data).toEqual({
    account_mode: 'advanced',
    ...off,
    auto_buy_quantity: 1,
    auto_buy_trigger_threshold: 1,
    auto_top_up_quantity: 1,
    auto_top_up_trigger_threshold: 1,
    auto_reload_enabled: false,
    auto_reload_threshold_usd: '50.00000000',
    auto_reload_amount_usd: '200.00000000',
    auto_reload_monthly_limit_usd: null,
    payment_method_saved: false,
    mode_managed_fields: ['auto_transfer_enabled', 'auto_buy_enabled']
  })
  const { status } = await ask(trader, 'POST', `${path}/account-mode`, { mode: 'easy' })
  expect([status, heard]).toEqual([204, [{ kind: 'set-account-mode', holder: trader.userId, mode: 'easy' }]])
  const on = { auto_transfer_enabled: true, auto_buy_enabled: true, auto_top_up_enabled: true, account_mode: 'easy' }
  expect((await ask(trader, 'GET', path)).body.data).toMatchObject(on)
  expect((await ask(trader, 'POST', `${path}/account-mode`, { mode: 'hard' })).status).toBe(422)
})

test.each([
  ['easy', true, 200], ['easy', false, 403], ['advanced', true, 403], ['advanced', false, 200]
] as const)('in %s mode auto_buy_enabled %s is %i', async (mode, isEnabled, status) => {
  const { ask } = await served(mode)
  const answer = await ask(trader, 'PATCH', `${path}/auto-buy`, { auto_buy_enabled: isEnabled })
  expect(answer.status).toBe(status)
  if (status === 200) expect(answer.body.data['auto_buy_enabled']).toBe(isEnabled)
  else expect(answer.body.errors.detail).toBe('mode_managed_setting')
})

describe('Auto-Reload', () => {
  const reload = `${path}/auto_reload`
  const card = { payment_method: 'cus_1/pm_1' }

  test('is set in parts, and says of a card only that there is one', async () => {
    const { ask, known } = await served('easy')
    await ask(trader, 'PATCH', reload, card)
    const { status, body } = await ask(trader, 'PATCH', reload, {
      auto_reload_enabled: true,
      auto_reload_threshold_usd: '20.00',
      auto_reload_amount_usd: 60.5,
      auto_reload_monthly_limit_usd: '400.00000000'
    })
    expect([status, body.data]).toEqual([200, expect.objectContaining({
      auto_reload_enabled: true,
      auto_reload_threshold_usd: '20.00000000',
      auto_reload_amount_usd: '60.50000000',
      auto_reload_monthly_limit_usd: '400.00000000',
      payment_method_saved: true
    })])
    expect(JSON.stringify(body)).not.toContain('pm_1')
    expect(known.directory.settings(trader.userId)).toMatchObject({ reloadEnabled: true, paymentMethod: 'cus_1/pm_1' })
    const off = { auto_reload_enabled: false, payment_method: null, auto_reload_monthly_limit_usd: null }
    expect((await ask(trader, 'PATCH', reload, off)).body.data)
      .toMatchObject({ auto_reload_enabled: false, payment_method_saved: false, auto_reload_monthly_limit_usd: null })
  })

  test.each([
    [{ auto_reload_enabled: true }, 'auto_reload_enabled'],
    [{ ...card, auto_reload_amount_usd: '4.99' }, 'auto_reload_amount_usd'],
    [{ auto_reload_amount_usd: '60.005' }, 'auto_reload_amount_usd'],
    [{ auto_reload_amount_usd: -60 }, 'auto_reload_amount_usd'],
    [{ auto_reload_threshold_usd: '0.001' }, 'auto_reload_threshold_usd'],
    [{ auto_reload_monthly_limit_usd: '199' }, 'auto_reload_monthly_limit_usd'],
    [{ auto_reload_monthly_limit_usd: '400', auto_reload_amount_usd: '401' }, 'auto_reload_monthly_limit_usd'],
    [{ payment_method: 'a b' }, 'payment_method']
  ])('refuses %j', async (body, field) => {
    const { ask, known } = await served('easy')
    const answer = await ask(trader, 'PATCH', reload, body)
    expect([answer.status, Object.keys(answer.body.errors.detail)]).toEqual([422, [field]])
    expect(known.sent).toEqual([])
  })

  test('can not lose its card while it is on', async () => {
    const { ask } = await served('easy')
    expect((await ask(trader, 'PATCH', reload, { ...card, auto_reload_enabled: true, auto_reload_threshold_usd: 0 })).status).toBe(200)
    expect((await ask(trader, 'PATCH', reload, { payment_method: null })).status).toBe(422)
  })
})
