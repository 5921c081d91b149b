// A market made from nothing, and one of an earlier release that is taken over.

import { describe, expect, test } from 'vitest'
import { ledger } from '../../pipelines/ledger/stage.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { metering } from '../../pipelines/metering/stage.ts'
import { activateVersionHeader, writeActivateVersion } from '../../pipelines/runtime/control.ts'
import { listingOf } from '../../pipelines/versions.ts'
import type { AcceptedSchema } from '../../schemas/codec.ts'
import { instruments, instrumentBySymbol, setParameters } from '../../schemas/instruments.ts'
import { topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { MemoryMarket } from './memory-market.ts'
import { accepted } from './runtime/support.ts'

const open = instruments.filter(({ listing }) => listing === 'listed').map(({ instrumentId }) => instrumentId)
const [matchingOn, ledgerOn, meteringOn] = [matching(), ledger(), metering()].map(({ version }) => `version ${version} of ${accepted.length}`)
const listed = open.map(id => `list-instrument ${id}`)

const partitionsOf = ({ partitions }: { partitions: number }): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition)

describe('a market where there was none', () => {
  test('has every partition of every stage open, and every instrument listed', async () => {
    const market = new MemoryMarket()
    expect(await market.open()).toEqual({ outdated: [] })
    for (const partition of partitionsOf(topics.orders)) {
      const first = open[partition] === undefined ? [] : [`set-parameters ${open[partition]}`]
      expect(market.said('orders', partition)).toEqual([matchingOn, 'clock', ...first])
    }
    for (const partition of partitionsOf(topics.ledger)) {
      expect(market.said('ledger', partition)).toEqual([ledgerOn, 'clock', ...listed, 'set-ledger-parameters'])
    }
    for (const partition of partitionsOf(topics.usage)) {
      expect(market.said('usage', partition)).toEqual([meteringOn, 'clock'])
    }
    const mirrored = instruments.map(({ instrumentId }) => `listed-instrument ${instrumentId}`)
    expect(market.said('instruments', 0)).toEqual(mirrored)
  })

  test('is not changed by providing it again, twice at once', async () => {
    const market = new MemoryMarket()
    await market.open()
    const before = market.ends('orders', 'ledger', 'usage', 'instruments')
    const again = await Promise.all([market.open(), market.open({ activates: true })])
    expect(again).toEqual([{ outdated: [] }, { outdated: [] }])
    expect(market.ends('orders', 'ledger', 'usage', 'instruments')).toEqual(before)
  })

  test('may have one instrument only, at an instant of its own', async () => {
    const market = new MemoryMarket()
    const at = instant(Date.UTC(2026, 0, 1))
    const prime = instrumentBySymbol('text-prime')!
    await market.open({ at, listings: new Map([[prime.index, setParameters(prime)]]) })
    expect(market.said('orders', prime.index)).toEqual([matchingOn, 'clock', 'set-parameters text-prime'])
    expect(market.said('orders', 0)).toEqual([matchingOn, 'clock'])
    expect(market.said('ledger', 5)).toEqual([ledgerOn, 'clock', 'list-instrument text-prime', 'set-ledger-parameters'])
    const { timestamp } = market.log.records({ topic: 'ledger-1', partition: 5 })[0]!
    expect(timestamp).toBe(at)
  })

  test('is finished by the next to provide it, where the first was stopped before its end', async () => {
    const market = new MemoryMarket()
    await market.open()
    // Partition 0 is opened last: without it, others may or may not be open.
    for (const partition of [0, 3, 4]) market.log.records({ topic: 'ledger-1', partition }).length = 0
    await market.open()
    const whole = listed.length + 3
    expect(market.ends('ledger')).toEqual(partitionsOf(topics.ledger).map(() => whole))
  })
})

describe('a market of an earlier release', () => {
  const earlier = accepted.filter(({ name }) => !/ledger|PlaceOrder/.test(name))

  /** Orders are open in an earlier version; on the ledger's topic time passes, and nothing else. */
  async function earlierMarket (version = 1, schemas: readonly AcceptedSchema[] = earlier): Promise<MemoryMarket> {
    const market = new MemoryMarket()
    const value = writeActivateVersion({ kind: 'activate-version', version, schemas }, 1)
    const headers = { control: activateVersionHeader }
    const timestamp = instant(Date.now())
    await market.log.send(partitionsOf(topics.orders).map(partition =>
      ({ topic: 'orders-1', partition, key: null, value, headers, timestamp })))
    await market.tick('orders')
    await market.tick('ledger')
    return market
  }

  test('goes on as it was, and its ledger and metering stay shut', async () => {
    const market = await earlierMarket()
    const before = market.ends('orders', 'ledger', 'usage')
    expect(await market.open()).toEqual({ outdated: ['matching'] })
    expect(market.ends('orders', 'ledger', 'usage')).toEqual(before)
    expect(market.end('instruments', 0)).toBe(instruments.length)
  })

  test('is switched when that is asked for, its ledger is opened, and it is then as any other', async () => {
    const market = await earlierMarket()
    expect(await market.open({ activates: true })).toEqual({ outdated: [] })
    const switched = [`version 1 of ${earlier.length}`, 'clock', matchingOn]
    for (const partition of [0, 31]) expect(market.said('orders', partition)).toEqual(switched)
    expect(market.said('ledger', 3)).toEqual(['clock', ledgerOn, 'clock', ...listed, 'set-ledger-parameters'])
    const before = market.ends('orders', 'ledger', 'usage', 'instruments')
    expect([await market.open(), await market.open({ activates: true })]).toEqual([{ outdated: [] }, { outdated: [] }])
    expect(market.ends('orders', 'ledger', 'usage', 'instruments')).toEqual(before)
  })

  test('takes on what was taken before: some of it is on its way', async () => {
    const known = { name: 'market.matching.Fill', id: 900, fingerprint: accepted.find(({ name }) => name.endsWith('.Fill'))!.fingerprint }
    const market = await earlierMarket(1, [...earlier, known])
    await market.open({ activates: true })
    const { version, schemas } = await listingOf(market.context, matching(), 7)
    expect(version).toBe(matching().version)
    expect(schemas).toEqual([known, ...accepted])
  })

  test('whose schemas alone are of an earlier release is switched, too', async () => {
    const market = await earlierMarket(matching().version)
    expect(await market.open()).toEqual({ outdated: ['matching'] })
    expect(await market.open({ activates: true })).toEqual({ outdated: [] })
  })
})
