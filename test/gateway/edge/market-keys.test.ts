import { expect, test, vi } from 'vitest'
import { MarketKeys } from '../../../gateway/edge/market-keys.ts'
import { jwkSet, makeTicketKey, type MadePair } from '../../../gateway/tickets/ticket-keys.ts'
import { instant } from '../../../schemas/units.ts'

const now = instant(1_750_000_000_000)
const pair = (): MadePair => makeTicketKey(now)

/** A market whose keys, and whose being there, the test decides. */
function market (...keys: MadePair[]) {
  const state = { keys, isAway: false, fetches: 0, elapsed: 100_000, failures: 0 }
  const marketKeys = new MarketKeys({
    async fetch () {
      state.fetches += 1
      await Promise.resolve()
      if (state.isAway) throw new Error('away')
      return { ...jwkSet(state.keys.map(({ published }) => published), now) }
    },
    elapsedMs: () => state.elapsed,
    failed () { state.failures += 1 }
  })
  const known = (key: MadePair): Promise<string> =>
    marketKeys.key(key.keyId).then(() => 'known', (error: unknown) => (error as { code: string }).code)
  return { state, known }
}

test('keys are fetched when one is asked for, once for all who wait', async () => {
  const [a, b] = [pair(), pair()]
  const { state, known } = market(a, b)
  expect(await Promise.all([known(a), known(b), known(pair())])).toEqual(['known', 'known', 'ticket_invalid'])
  expect(state.fetches).toBe(1)
})

test('one that is not known is asked about every five seconds at most', async () => {
  const [a, b] = [pair(), pair()]
  const { state, known } = market(a)
  await known(a)
  state.keys = [a, b]
  state.elapsed += 5000
  expect(await known(b)).toBe('ticket_invalid')
  state.elapsed += 1
  expect(await known(b)).toBe('known')
  expect(state.fetches).toBe(2)
})

test('keys serve while the market is away, and what is not known is said to be unknown for now', async () => {
  const a = pair()
  const { state, known } = market(a)
  await known(a)
  state.isAway = true
  state.elapsed += 3_600_000
  expect(await known(a)).toBe('known')
  await vi.waitFor(() => { expect(state.failures).toBe(1) })
  state.elapsed += 6000
  expect(await known(pair())).toBe('unavailable')
  expect(state.failures).toBe(2)
  state.isAway = false
  state.elapsed += 6000
  expect(await known(pair())).toBe('ticket_invalid')
})

test('a key that the market withdrew is gone after ten minutes and a use', async () => {
  const [a, b] = [pair(), pair()]
  const { state, known } = market(a)
  await known(a)
  state.keys = [b]
  state.elapsed += 600_001
  expect(await known(a)).toBe('known')
  expect(await known(b)).toBe('known')
  expect(await known(a)).toBe('ticket_invalid')
})

test('what is no key of ours is passed over', async () => {
  const a = pair()
  const { keys: [jwk] } = jwkSet([a.published], now)
  const odd = [{}, { kty: 'RSA', kid: 'r', n: 'x' }, { ...jwk, x: 5 }, { ...jwk, kid: undefined }, jwk]
  const keys = new MarketKeys({ fetch: () => Promise.resolve({ keys: odd }), elapsedMs: () => 0 })
  expect((await keys.key(a.keyId)).type).toBe('public')
  await expect(keys.key('r')).rejects.toThrow()
})
