import { describe, expect, test } from 'vitest'
import { help, readSettings } from '../../../gateway/edge/settings.ts'

const least = {
  UPSTREAM_URL: 'http://127.0.0.1:8000/v1',
  UPSTREAM_MODEL: 'llama',
  MARKET_URL: 'https://market.example',
  SUPPLIER: '31',
  SUPPLIER_SIGNING_KEY: Buffer.alloc(32, 1).toString('base64'),
  ENDPOINT_ID: 'endpoint_a, endpoint_b'
}

describe('settings', () => {
  test('come from the environment, flags over it, and what is empty is not there', () => {
    const read = readSettings({ ...least, PORT: '1', HOST: '' }, ['--port', '5', '--in-flight-max=7'])
    expect(read).toMatchObject({
      PORT: 5, HOST: '127.0.0.1', IN_FLIGHT_MAX: 7, ENDPOINT_ID: ['endpoint_a', 'endpoint_b'], UPSTREAM_CAP_FIELD: 'max_tokens'
    })
    expect(read.UPSTREAM_URL.pathname).toBe('/v1')
    expect(read).toMatchObject({ UPSTREAM_CONNECT_MS: 2000, TOTAL_MS: 5_400_000, HEARTBEAT_MS: 15_000 })
    expect(readSettings({ ...least, UPSTREAM_CONNECT_MS: '7' }, ['--total-ms=8', '--heartbeat-ms=9']))
      .toMatchObject({ UPSTREAM_CONNECT_MS: 7, TOTAL_MS: 8, HEARTBEAT_MS: 9 })
  })

  test('are told all at once where they are wrong, without any value', () => {
    const { UPSTREAM_MODEL: _, ENDPOINT_ID: __, ...rest } = least
    const wrong = { ...rest, SUPPLIER_SIGNING_KEY: '!secret!', UPSTREAM_EXTRA: '[secret]', MARKET_URL: 'ftp://secret' }
    const read = (): unknown => readSettings(wrong, [])
    expect(read).toThrow(/UPSTREAM_MODEL.*\n.*MARKET_URL.*\n.*SUPPLIER_SIGNING_KEY|UPSTREAM_EXTRA/s)
    expect(read).not.toThrow(/!secret!|\[secret\]/)
  })

  test('need what goes together', () => {
    expect(() => readSettings({ ...least, ENDPOINT_ID: '' }, [])).toThrow('ENDPOINT_ID: is needed, or REGISTER')
    expect(() => readSettings({ ...least, ENDPOINT_ID: '' }, ['--register'])).toThrow(/INSTRUMENT: .*\n.*EDGE_URL: /)
    expect(() => readSettings({ ...least, TLS_CERT: 'a' }, [])).toThrow('TLS_CERT: and TLS_KEY go together')
  })

  test('that are secret have no flag', () => {
    expect(() => readSettings(least, ['--upstream-key', 'x'])).toThrow()
    expect(() => readSettings(least, ['--supplier-signing-key', 'x'])).toThrow()
    expect(help()).toContain('UPSTREAM_KEY')
    expect(help()).not.toContain('--upstream-key')
  })
})
