// What becomes of a request whose client was sent on is told by somebody, whoever it was that it came to.

import { afterEach, describe, expect, test } from 'vitest'
import { Redirected } from '../../../gateway/consumption/redirected.ts'
import type { AuthorizationState } from '../../../schemas/ledger/usage-records.ts'
import { instant, tokens } from '../../../schemas/units.ts'
import type { RequestReport } from '../../../schemas/usage/records.ts'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { someReport } from '../../pipelines/sinks/ledger.ts'
import { ask, bodyOf, type Answer, type Json } from './asking.ts'
import { edgeBeside } from './edge-beside.ts'
import { ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<void> }[] = []
let upstream: ScriptedUpstream

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function gateway (options: Partial<SmallOptions> = {}): Promise<Small> {
  upstream = await scriptedUpstream()
  const small = await smallConsumption({ upstreams: [upstream.url], account: { delivery: 'redirect' }, key: { tags: ['blue'] }, ...options })
  opened.push(upstream, small)
  return small
}

async function sentOn (small: Small): Promise<{ readonly location: string, readonly requestId: string }> {
  const { status, headers } = await ask(small.url, { fields: { model: 'Text-Prime' }, redirect: 'manual' })
  expect(status).toBe(307)
  return { location: headers.get('location')!, requestId: headers.get('x-grid-request-id')! }
}

const follow = (location: string): Promise<Answer> =>
  ask(location, { path: location, key: null, body: bodyOf('chat', { model: 'Text-Prime' }) })

async function receipt (small: Small, requestId: string): Promise<Json> {
  const { status, json } = await ask(small.url, { path: `/v1/usage/${requestId}`, method: 'GET' })
  expect(status).toBe(200)
  return json!
}

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })
const known = { requestedModel: 'Text-Prime', surface: 'chat', tags: ['blue'], status: 307, attempts: 0, servedModel: '' }
const nothing = { status: 'error', cost: { status: 'cancelled', amount: null } }

describe('a request that was sent on', () => {
  test('and never came has a report and a receipt, which say so', async () => {
    let at = 0
    const small = await gateway({ elapsedMs: () => at })
    const { requestId } = await sentOn(small)
    await small.settled()
    const begun = await receipt(small, requestId)
    expect(begun).toMatchObject({ status: 'pending', cost: { status: 'pending' } })
    at += 180_000
    small.market.tick(180_000)
    await small.settled()
    small.consumption.abandoned.tick(at)
    await small.settled()
    expect(small.reports).toMatchObject([{ ...known, requestId, delivery: 'redirect', outcome: 'failed', reason: 'abandoned' }])
    expect(await receipt(small, requestId)).toMatchObject({ ...nothing, created_at: begun['created_at'] })
  })

  test('and refused meanwhile is told of, though nobody comes to hear it', async () => {
    const small = await gateway({ units: 1 })
    const all = tokens(1_000_000)
    small.isHeldUp = true
    const asked = { holder: ben, instrumentId: prime.instrumentId, requestId: 'greedy', need: all, min: all, recorder: 'gateway' }
    const more = { limitPrice: null, spendMax: null, keyId: '', budget: null, budgetPeriod: 'total', managedPrice: null } as const
    small.market.say({ kind: 'authorize-usage', ...asked, ...more })
    const { requestId } = await sentOn(small)
    await small.settled()
    expect(small.reports).toMatchObject([{ ...known, requestId, outcome: 'refused', reason: 'insufficient_tokens' }])
    expect(await receipt(small, requestId)).toMatchObject(nothing)
  })

  test('and answered here is told of by who answered, once', async () => {
    const small = await gateway()
    const { location } = await sentOn(small)
    const following = follow(location)
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    await small.settled()
    expect(small.reports).toMatchObject([{ outcome: 'completed', status: 200, attempts: 1 }])
  })

  test('to an edge and answered there is known by more than its tokens', async () => {
    const small = await gateway({ account: { delivery: 'supplier' } })
    opened.push(await edgeBeside({ small, upstream: upstream.url }))
    const { location, requestId } = await sentOn(small)
    const following = follow(location)
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    await small.settled()
    expect(small.captures).toHaveLength(1)
    expect(small.reports).toMatchObject([{ ...known, requestId, delivery: 'supplier', outcome: 'completed', reason: '' }])
  })

  test('to an edge where nothing was delivered is told of once the ledger gives it up', async () => {
    const small = await gateway({ account: { delivery: 'supplier' } })
    const beside = await edgeBeside({ small, upstream: upstream.url })
    opened.push(beside)
    const { location, requestId } = await sentOn(small)
    const following = follow(location)
    const { response } = await upstream.next()
    response.writeHead(500).end('{}')
    expect((await following).status).toBeGreaterThanOrEqual(500)
    await beside.later(100_000)
    expect(small.reports).toMatchObject([{ ...known, requestId, delivery: 'supplier', outcome: 'failed' }])
    expect(await receipt(small, requestId)).toMatchObject(nothing)
  })
})

describe('who watches those that were sent on', () => {
  const state = (change: Partial<AuthorizationState>): AuthorizationState => ({
    kind: 'authorization-state',
    holder: ben,
    instrumentId: prime.instrumentId,
    requestId: 'r',
    cause: 'market',
    refusal: null,
    status: 'authorized',
    need: tokens(1),
    held: tokens(1),
    produced: tokens(0),
    isManaged: false,
    keyId: '',
    nonce: '',
    expiresAt: instant(0),
    at: instant(0),
    ...change
  })

  function watching (report: Partial<RequestReport>, settle: (report: RequestReport) => void = () => {}) {
    const reports: RequestReport[] = []
    const failed: unknown[] = []
    const redirected = new Redirected({
      settle: each => {
        settle(each)
        reports.push(each)
      },
      failed: (_report, error) => { failed.push(error) }
    })
    redirected.watch(someReport({ requestId: 'r', ...report }))
    const tell = (change: Partial<AuthorizationState>): void => { redirected.hear(state(change)) }
    return { redirected, reports, failed, tell }
  }

  test('goes by the end alone, and by no refusal of what others asked', () => {
    const { reports, tell } = watching({ delivery: 'supplier' })
    for (const change of [
      { status: 'authorized' }, { status: 'started' },
      { status: 'started', cause: 'authorize-usage', refusal: 'request_open' },
      { status: 'refused', cause: 'start-usage', refusal: 'unknown_request' },
      { status: 'voided', requestId: 'another' }
    ] as Partial<AuthorizationState>[]) tell(change)
    expect(reports).toEqual([])
    tell({ status: 'lapsed' })
    tell({ status: 'lapsed' })
    expect(reports).toMatchObject([{ outcome: 'failed', reason: 'lapsed' }])
  })

  test('leaves it to who answers, unless that one dies', () => {
    for (const [status, count] of [['voided', 0], ['lapsed', 1]] as const) {
      const { reports, tell } = watching({ delivery: 'redirect' })
      tell({ status: 'started' })
      tell({ status })
      expect(reports).toHaveLength(count)
    }
    const { reports, tell, redirected } = watching({ delivery: 'redirect' })
    redirected.answering('r')
    tell({ status: 'refused', cause: 'authorize-usage', refusal: 'insufficient_tokens' })
    expect(reports).toEqual([])
  })

  test('is told once of what has another ticket', () => {
    const { reports, tell, redirected } = watching({ delivery: 'redirect' })
    redirected.watch(someReport({ requestId: 'r', delivery: 'redirect', tags: ['later'] }))
    tell({ status: 'voided' })
    expect(reports).toMatchObject([{ outcome: 'failed', reason: 'abandoned', tags: ['later'] }])
  })

  test('says so where a report can not be kept, and goes on', () => {
    const { failed, tell } = watching({ delivery: 'redirect' }, () => { throw new Error('no space left') })
    tell({ status: 'voided' })
    expect(failed).toHaveLength(1)
  })
})
