// Positions: open ones as fresh as the replica, closed ones from the history.

import { expect, test } from 'vitest'
import { instant, microdollars, units } from '../../../schemas/units.ts'
import { fakeAccounts } from '../fake-accounts.ts'
import { signedBy, trader, trusting } from '../people.ts'
import { fakePorts, now, otherInstrument, prime, serve, type Answer } from '../support.ts'

const openedAt = instant(now - 7_200_000)
const spans = [
  { instrumentId: prime.instrumentId, openedAt, closedAt: null, quantity: units(7), cost: microdollars(706_300) },
  {
    instrumentId: otherInstrument,
    openedAt: instant(openedAt - 1000),
    closedAt: instant(now - 60_000),
    quantity: units(0),
    cost: microdollars(0)
  }
]

async function served (): Promise<(query: string) => Promise<Answer>> {
  const { ledger, accountHistory } = fakeAccounts()
  const history = { ...accountHistory, positionSpans: async () => Promise.resolve(spans) }
  const ask = await serve(fakePorts({ identities: trusting([trader]), ledger, accountHistory: history }))
  return async query => ask(`/v1/positions?${query}`, { headers: signedBy(trader) })
}

test('an open position is worth what the last trade says, and cost what its units cost', async () => {
  const ask = await served()
  expect((await ask('status=open')).body.data).toEqual([expect.objectContaining({
    instrument_id: prime.publicId,
    quantity: 7,
    total_cost: '0.70630000',
    average_cost: '0.10090000',
    current_market_value: '0.70630000',
    last_trade_price: '0.10090000',
    opened_at: new Date(openedAt).toISOString(),
    closed_at: null
  })])
})

test('a closed one has neither units nor cost', async () => {
  const ask = await served()
  expect((await ask('status=closed')).body.data).toEqual([expect.objectContaining({
    instrument_symbol: otherInstrument, quantity: 0, total_cost: '0.00000000', average_cost: '0.00000000', closed_at: new Date(now - 60_000).toISOString()
  })])
})

test('they come in the order in which they were opened, and are filtered by instrument', async () => {
  const ask = await served()
  const symbols = async (query: string): Promise<unknown[]> => (await ask(query)).body.data.map(row => row['instrument_symbol'])
  expect(await symbols('')).toEqual([otherInstrument, prime.instrumentId])
  expect(await symbols('order_direction=desc')).toEqual([prime.instrumentId, otherInstrument])
  expect(await symbols('instrument_id=text-prime')).toEqual([prime.instrumentId])
})
