// A client written from the published documents, at every endpoint of a whole market in memory; all that it is answered
// is held to the description that the gateway serves.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from './client.ts'
import { Conformance, faultsIn, neverAsked, type Description } from './conformance.ts'
import { day, type Day } from './day.ts'
import { clientsOf, peopled, served, type Served } from './people.ts'

let market: Served
let conformance: Conformance
let people: Day
let clients: readonly Client[]

beforeAll(async () => {
  market = await served(peopled())
  const asking = clientsOf(market.address)
  people = asking.people
  clients = asking.clients
  conformance = new Conformance(await (await fetch(`${market.address}/openapi.json`)).json() as Description)
})
afterAll(async () => { await market.close() })

test.each(day)('%s', async (_name, run) => { await run(people) })

test('every operation of the description was asked, and went well at least once', () => {
  expect(neverAsked(conformance, clients)).toEqual(['POST /transfers/consumption-to-trading']) // Which never does.
})

test('every answer is as described', () => {
  expect(faultsIn(conformance, clients)).toEqual([])
})
