import { describe, expect, onTestFinished, test } from 'vitest'
import { readNetworks } from '../../../gateway/suppliers/addresses.ts'
import { Upstreams } from '../../../gateway/suppliers/upstreams.ts'
import { plainEdge } from './servers.ts'

function upstreams (): Upstreams {
  const made = new Upstreams({
    resolve: () => Promise.resolve(['127.0.0.1']),
    networks: readNetworks('127.0.0.0/8'),
    headersTimeoutMs: 60_000,
    bodyTimeoutMs: 60_000
  })
  onTestFinished(() => made.close())
  return made
}

const placeOf = (port: number, changes: object = {}) =>
  ({ endpointId: 'endpoint_1', url: `http://edge.test:${port}/gpu`, tlsPin: null, ...changes })

describe('the connections to an endpoint', () => {
  test('are kept from one request to the next', async () => {
    const { port, connections } = await plainEdge()
    const made = upstreams()
    for (let count = 0; count < 10; count++) {
      const { statusCode, body } = await made.agentFor(placeOf(port)).request({ path: '/gpu/v1', method: 'GET' })
      expect([statusCode, await body.text()]).toEqual([200, 'served'])
    }
    // The pool may open a second before it knows that the first is free.
    expect(connections()).toBeLessThan(4)
  })

  test('are others where its URL or its pin changes, and there is one pool all the same', () => {
    const made = upstreams()
    const first = made.agentFor(placeOf(4050))
    expect(made.agentFor(placeOf(4050))).toBe(first)
    const moved = made.agentFor(placeOf(4051))
    expect(moved).not.toBe(first)
    expect(made.agentFor(placeOf(4051, { tlsPin: 'pin' }))).not.toBe(moved)
    expect(made.size).toBe(1)
  })

  test('end with what is under way when it goes', async () => {
    const { port } = await plainEdge()
    const made = upstreams()
    const agent = made.agentFor(placeOf(port))
    const answer = agent.request({ path: '/gpu', method: 'GET' })
    made.forget('endpoint_1')
    made.forget('endpoint_1')
    expect(made.size).toBe(0)
    expect(await (await answer).body.text()).toBe('served')
    await expect(agent.request({ path: '/gpu', method: 'GET' })).rejects.toThrow('closed')
  })
})
