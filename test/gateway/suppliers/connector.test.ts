// Over real sockets: where a connection may go, and to whom.

import { X509Certificate } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { Pool } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readNetworks } from '../../../gateway/suppliers/addresses.ts'
import { pinOf, safeConnector, type ConnectorOptions } from '../../../gateway/suppliers/connector.ts'
import type { Resolve } from '../../../gateway/suppliers/urls.ts'
import { cert } from './certificate.ts'
import { encryptedEdge, plainEdge } from './servers.ts'

const loopback = readNetworks('127.0.0.0/8,::1')
const pin = pinOf(new X509Certificate(cert))
const otherPin = Buffer.alloc(32, 7).toString('base64')

/** A resolver that says one thing after the other, and how often it was asked. */
function saying (...answers: ReadonlyArray<readonly string[]>): { resolve: Resolve, asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    resolve: host => {
      asked.push(host)
      return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1]!)
    }
  }
}

/** What a GET came to: its status, or the code of what stood in its way. */
async function get (origin: string, options: Partial<ConnectorOptions>): Promise<number | string> {
  const surroundings = { resolve: saying(['127.0.0.1']).resolve, networks: loopback, tlsPin: null, ...options }
  const pool = new Pool(origin, { connect: safeConnector(surroundings) })
  onTestFinished(() => pool.destroy())
  try {
    const { statusCode, body } = await pool.request({ path: '/v1', method: 'GET' })
    await body.dump()
    return statusCode
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await pool.close()
  }
}

describe('a name', () => {
  test('is connected to where it leads, looked up once', async () => {
    const { port, heard } = await plainEdge()
    const { resolve, asked } = saying(['127.0.0.1'], ['127.0.0.2'])
    expect(await get(`http://edge.test:${port}`, { resolve })).toBe(200)
    expect([heard, asked]).toEqual([['GET /v1'], ['edge.test']])
  })

  test('that leads to a forbidden address beside a good one is not connected to at all', async () => {
    const edge = await plainEdge()
    for (const addresses of [['127.0.0.1', '10.0.0.1'], ['169.254.169.254', '127.0.0.1'], ['1.1.1.1', '127.0.0.1']]) {
      expect(await get(`http://edge.test:${edge.port}`, { resolve: saying(addresses).resolve })).toBe('unsafe_address')
    }
    expect(edge.connections()).toBe(0)
  })

  test('that led to a good address when it was registered, and leads elsewhere now, is not followed', async () => {
    const edge = await plainEdge()
    const { resolve, asked } = saying(['1.1.1.1'], ['127.0.0.1'])
    await resolve('edge.test')
    expect(await get(`http://edge.test:${edge.port}`, { resolve, networks: [] })).toBe('unsafe_address')
    expect([asked.length, edge.connections()]).toEqual([2, 0])
  })

  test('whose look-up flips each time is connected to as it was checked', async () => {
    const edge = await plainEdge()
    const networks = readNetworks('127.0.0.1')
    const { resolve, asked } = saying(['127.0.0.1'], ['127.0.0.2'])
    expect(await get(`http://edge.test:${edge.port}`, { resolve, networks })).toBe(200)
    expect(asked).toHaveLength(1)
  })

  test('with no address, or that nobody can look up, leads nowhere', async () => {
    expect(await get('http://edge.test:4050', { resolve: saying([]).resolve })).toBe('unsafe_address')
    const failing: Resolve = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    expect(await get('http://edge.test:4050', { resolve: failing })).toBe('ENOTFOUND')
  })

  test('is tried at all its addresses', async () => {
    const edge = await plainEdge('127.0.0.1')
    expect(await get(`http://edge.test:${edge.port}`, { resolve: saying(['127.0.0.7', '127.0.0.1']).resolve })).toBe(200)
  })

  test('whose look-up never ends is given up', async () => {
    const resolve: Resolve = () => new Promise(() => {})
    expect(await get('http://edge.test:4050', { resolve, timeoutMs: 20 })).toBe('UND_ERR_CONNECT_TIMEOUT')
  })
})

describe('an address', () => {
  test.each(['127.0.0.1', 'localhost', 'localhost.', '2130706433', '0177.0.0.1', '127.1', '0x7f000001', '[::ffff:127.0.0.1]'])(
    'of the loopback, as %s, is not connected to unless that is allowed', async host => {
      const edge = await plainEdge()
      const { resolve } = saying(['127.0.0.1'])
      expect(await get(`http://${host}:${edge.port}`, { resolve, networks: [] })).toBe('unsafe_address')
      expect(await get(`https://${host}:${edge.port}`, { resolve, networks: [] })).toBe('unsafe_address')
      expect(edge.connections()).toBe(0)
      expect(await get(`http://${host}:${edge.port}`, { resolve })).toBe(200)
    })

  const hasIpv6 = Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === '::1') === true)

  test('of IPv6 is treated alike', async () => {
    const edge = await plainEdge(hasIpv6 ? '::1' : '127.0.0.1')
    expect(await get(`http://[::1]:${edge.port}`, { networks: [] })).toBe('unsafe_address')
    expect(edge.connections()).toBe(0)
    expect(await get(`http://[::1]:${edge.port}`, {})).toBe(hasIpv6 ? 200 : 'ECONNREFUSED')
  })

  test('that is public is not connected to without encryption', async () => {
    expect(await get('http://1.1.1.1:4050', {})).toBe('unsafe_address')
  })
})

describe('a key', () => {
  test('that is the one expected is enough, whoever vouches for it', async () => {
    const { port, heard } = await encryptedEdge()
    expect(await get(`https://edge.test:${port}`, { tlsPin: pin })).toBe(200)
    expect(heard).toEqual(['GET /v1'])
  })

  test('that is another is not, and nothing is sent', async () => {
    const { port, heard } = await encryptedEdge()
    expect(await get(`https://edge.test:${port}`, { tlsPin: otherPin })).toBe('unsafe_key')
    expect(heard).toEqual([])
  })

  test('that nobody vouches for is refused where none is expected', async () => {
    const { port, heard } = await encryptedEdge()
    expect(await get(`https://edge.test:${port}`, {})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(heard).toEqual([])
  })

  test('is expected of every connection, also after the first', async () => {
    const { port, connections } = await encryptedEdge()
    const connect = safeConnector({ resolve: saying(['127.0.0.1']).resolve, networks: loopback, tlsPin: pin })
    const pool = new Pool(`https://edge.test:${port}`, { connect, connections: 1, keepAliveTimeout: 1 })
    onTestFinished(() => pool.destroy())
    for (let count = 0; count < 3; count++) {
      const { statusCode, body } = await pool.request({ path: '/v1', method: 'GET', reset: true })
      await body.dump()
      expect(statusCode).toBe(200)
    }
    expect(connections()).toBe(3)
  })

  test('is never there without encryption', async () => {
    const { port, heard } = await plainEdge()
    expect(await get(`http://edge.test:${port}`, { tlsPin: pin })).toBe('unsafe_key')
    expect(heard).toEqual([])
  })
})
