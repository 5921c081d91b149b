import { expect, test } from 'vitest'
import { gatewaySettings } from '../../../gateway/process/settings.ts'

test('how long a gateway waits is set, each with its default', () => {
  expect(gatewaySettings.parse({})).toMatchObject({
    UPSTREAM_CONNECT_MS: 2000,
    UPSTREAM_HEADERS_MS: 60_000,
    UPSTREAM_IDLE_MS: 120_000,
    BODY_IDLE_MS: 30_000,
    ANSWER_MS: 5_400_000,
    HEARTBEAT_MS: 15_000,
    DRAIN_MS: 600_000
  })
  expect(gatewaySettings.parse({ UPSTREAM_CONNECT_MS: '7', BODY_IDLE_MS: '8' })).toMatchObject({ UPSTREAM_CONNECT_MS: 7, BODY_IDLE_MS: 8 })
  expect(() => gatewaySettings.parse({ BODY_IDLE_MS: '0' })).toThrow('BODY_IDLE_MS')
})
