// What was asked of the ledger's log and is not in the replica yet.

import { beforeEach, describe, expect, test } from 'vitest'
import { UsageRequests } from '../../../gateway/adapters/usage-requests.ts'
import { topics } from '../../../schemas/topics.ts'
import { tokens } from '../../../schemas/units.ts'
import { wire } from '../../pipelines/runtime/support.ts'
import { give } from '../consumption/small-people.ts'
import { ben, prime, SmallMarket, type Gateway } from './small-market.ts'

const instrument = prime.instrumentId

let market: SmallMarket
let gateway: Gateway
let requests: UsageRequests
/** Nothing that is sent comes to the log. */
let isLost: boolean

beforeEach(() => {
  isLost = false
  market = new SmallMarket()
  give(market, 1)
  gateway = market.gateway()
  requests = new UsageRequests({
    log: { send: async records => isLost ? Promise.reject(new Error('no broker')) : market.send(records) },
    topic: topics.ledger.name,
    partitions: topics.ledger.partitions,
    encode: command => wire.encode(command),
    replica: () => gateway.machine,
    now: () => market.now,
    writer: 'test',
    rejected: () => {}
  })
})

function ask (requestId: string, need: number): () => void {
  const unwatch = requests.watch(ben, requestId, () => {})
  requests.send(ben, [{
    kind: 'authorize-usage',
    holder: ben,
    instrumentId: instrument,
    requestId,
    need: tokens(need),
    min: tokens(1),
    recorder: 'supplier:31',
    limitPrice: null,
    spendMax: null,
    keyId: '',
    budget: null,
    budgetPeriod: 'total',
    managedPrice: null
  }])
  return unwatch
}

const available = (): number => requests.available(ben, instrument)

describe('tokens that were asked for', () => {
  test('are counted off, also when nobody watches any more', () => {
    const all = available()
    const unwatch = ask('a', 1000)
    ask('b', 500)
    expect(available()).toBe(all - 1500)
    unwatch()
    expect(available()).toBe(all - 1500)
  })

  test('are no longer once the log can\'t have them any more', () => {
    isLost = true
    const all = available()
    ask('a', 1000)()
    market.tick(14_000)
    market.settle()
    ask('b', 500)
    expect(available()).toBe(all - 1500)
    market.tick(1000)
    market.settle()
    expect(available()).toBe(all - 500)
    market.tick(14_000)
    market.settle()
    expect(available()).toBe(all)
  })
})

test('a request has who bills it', () => {
  ask('a', 1000)
  expect(requests.recorder(ben, 'a')).toBe('')
  market.settle()
  expect(requests.recorder(ben, 'a')).toBe('supplier:31')
})
