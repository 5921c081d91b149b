import { expect, test } from 'vitest'
import { chat, codeOf, direct, endpointId, foreignPair, hop, started, ticketFor, type TicketTerms } from './support.ts'

const seconds = (): number => Math.floor(Date.now() / 1000)

const wrong: [string, TicketTerms, number, string][] = [
  ['another supplier\'s', { supplier: 32 }, 401, 'ticket_invalid'],
  ['another endpoint\'s', { aud: `${endpointId}0` }, 401, 'ticket_invalid'],
  ['of another path', { path: '/v1/messages' }, 401, 'ticket_invalid'],
  ['of another method', { method: 'GET' }, 401, 'ticket_invalid'],
  ['of another body', { body: 'x' }, 401, 'ticket_invalid'],
  ['expired', { exp: seconds() - 1 }, 408, 'ticket_expired'],
  ['signed by nobody known', { pair: foreignPair() }, 401, 'ticket_invalid']
]

test.each(wrong)('a ticket that is %s lets nobody in', async (_, terms, status, code) => {
  const setup = await started()
  const body = chat()
  const ticket = ticketFor(setup.market, body, terms)
  for (const answer of [await direct(setup, { body, ticket }), await hop(setup, { body, ticket })]) {
    expect([answer.status, await codeOf(answer)]).toEqual([status, code])
  }
  expect(setup.upstream.requests).toEqual([])
})

test('one that was changed, cut, or is none lets nobody in', async () => {
  const setup = await started()
  const body = chat()
  const good = ticketFor(setup.market, body)
  const [head, payload, signature] = good.split('.')
  const raised = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object, output_max: 10 ** 6 }))
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', kid: setup.market.keys[0]!.keyId })).toString('base64url')
  const bad = [
    '', 'x', `${head}.${payload}`, `${head}.${payload}.`, `${head}.${payload}.${signature}.`,
    `${head}.${raised.toString('base64url')}.${signature}`, `${unsigned}.${payload}.${signature}`, `${unsigned}.${payload}.`
  ]
  for (const ticket of bad) {
    const answer = await hop(setup, { body, ticket })
    expect([answer.status, await codeOf(answer)], ticket).toEqual([401, 'ticket_invalid'])
  }
  expect((await hop(setup, { body, ticket: good })).status).toBe(200)
})

test('one is good once, whichever way it comes', async () => {
  const setup = await started()
  const body = chat()
  const ticket = ticketFor(setup.market, body)
  expect(await (await direct(setup, { body, ticket })).text()).toContain('[DONE]')
  for (const answer of [await direct(setup, { body, ticket }), await hop(setup, { body, ticket })]) {
    expect([answer.status, await codeOf(answer)]).toEqual([409, 'ticket_used'])
  }
})

test('a body that was not the ticket\'s does not use it up', async () => {
  const setup = await started()
  const body = chat()
  const ticket = ticketFor(setup.market, body)
  expect((await hop(setup, { body: chat({ seed: 1 }), ticket })).status).toBe(401)
  expect((await hop(setup, { body, ticket })).status).toBe(200)
})

test('of two at once one is served', async () => {
  const setup = await started({ behaviour: { first_token_ms: 20 } })
  const body = chat()
  const ticket = ticketFor(setup.market, body)
  const answers = await Promise.all([hop(setup, { body, ticket }), hop(setup, { body, ticket })])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('one from before this edge started is not taken', async () => {
  const setup = await started()
  Object.assign(setup.running.edge.gate, { startedAt: Date.now() + 1000 })
  expect((await hop(setup)).status).toBe(408)
})

test('unknown keys make an edge ask the market now and then only', async () => {
  const setup = await started()
  const { market } = setup
  expect(market.keyFetches).toBe(1)
  const before = market.keys[0]!
  market.keys = [foreignPair()]
  expect((await hop(setup)).status).toBe(401)
  expect(market.keyFetches).toBe(1)
  expect((await hop(setup, { pair: before })).status).toBe(200)
})
