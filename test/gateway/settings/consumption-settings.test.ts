import { describe, expect, test } from 'vitest'
import { supplier, trader } from '../people.ts'
import { servedSettings } from './people.ts'

const path = '/consumption-settings'
const unset = {
  delivery: null,
  aliases: [],
  spend_max: null,
  prices_max_bp: null,
  uses_managed: true,
  stores_responses: false,
  updated_at: null
}

test('settings are those of all until they are set, and then those that were set last', async () => {
  const { ask, known } = await servedSettings()
  expect((await ask(trader, 'GET', path)).body.data).toEqual(unset)
  const asked = {
    delivery: 'direct',
    aliases: [{ pattern: 'Claude-*', instrument: 'text-max' }, { pattern: '*', instrument: 'text-prime' }],
    spend_max: '12.50',
    prices_max_bp: 300,
    uses_managed: false,
    stores_responses: true
  }
  const { status, body } = await ask(trader, 'PUT', path, asked)
  const aliases = [{ pattern: 'claude-*', instrument: 'text-max' }, { pattern: '*', instrument: 'text-prime' }]
  const shown = { ...asked, aliases, spend_max: '12.50000000', updated_at: '2026-06-15T12:00:30.000Z' }
  expect([status, body.data]).toEqual([200, shown])
  expect((await ask(trader, 'GET', path)).body.data).toEqual(shown)
  expect((await ask(supplier, 'GET', path)).body.data).toEqual(unset)
  expect(known.directory.settings(trader.userId)).toMatchObject({ delivery: 'direct', spendMax: 12_500_000, usesManaged: false })
})

test('what is not sent stays as it is, and null takes a bound away', async () => {
  const { ask, known } = await servedSettings()
  await ask(trader, 'PUT', path, { spend_max: 5, prices_max_bp: 0, delivery: 'supplier' })
  const { body } = await ask(trader, 'PUT', path, { spend_max: null })
  expect(body.data).toMatchObject({ spend_max: null, prices_max_bp: 0, delivery: 'supplier' })
  expect((await ask(trader, 'PUT', path, {})).status).toBe(200)
  expect(known.sent).toHaveLength(2)
})

test('changes that come at once are all there in the end', async () => {
  const { ask, known } = await servedSettings()
  await Promise.all([
    ask(trader, 'PUT', path, { delivery: 'direct' }),
    ask(trader, 'PATCH', '/self/system-settings/auto_reload', { auto_reload_amount_usd: '60' }),
    ask(trader, 'PUT', path, { prices_max_bp: 7 })
  ])
  expect(known.directory.settings(trader.userId)).toMatchObject({ delivery: 'direct', reloadAmount: 60_000_000, pricesMaxBp: 7 })
})

describe('refused, each fault under its name, is', () => {
  test.each([
    [{ delivery: 'pigeon' }, 'delivery'],
    [{ aliases: [{ pattern: 'a b', instrument: 'text-max' }] }, 'aliases.0.pattern'],
    [{ aliases: [{ pattern: 'a', instrument: 'no-such' }] }, 'aliases.0.instrument'],
    [{ aliases: [{ pattern: 'a' }] }, 'aliases.0.instrument'],
    [{ aliases: Array.from({ length: 51 }, () => ({ pattern: 'a', instrument: 'text-max' })) }, 'aliases'],
    [{ spend_max: 0 }, 'spend_max'],
    [{ spend_max: '0.0000001' }, 'spend_max'],
    [{ prices_max_bp: 10_001 }, 'prices_max_bp'],
    [{ prices_max_bp: 1.5 }, 'prices_max_bp'],
    [{ uses_managed: 'yes' }, 'uses_managed'],
    [{ stores_responses: null }, 'stores_responses']
  ])('%j', async (body, field) => {
    const { ask, known } = await servedSettings()
    const answer = await ask(trader, 'PUT', path, body)
    expect([answer.status, Object.keys(answer.body.errors.detail)]).toEqual([422, [field]])
    expect(known.sent).toEqual([])
  })

  test('who does not sign', async () => {
    const { ask } = await servedSettings()
    expect((await ask(trader, 'GET', path, undefined, {})).status).toBe(401)
  })
})
