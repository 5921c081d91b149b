import { expect, test } from 'vitest'
import { endpointId, started } from './support.ts'

const register = {
  ENDPOINT_ID: '',
  REGISTER: 'true',
  INSTRUMENT: 'text-prime',
  EDGE_URL: 'https://edge.example',
  IN_FLIGHT_MAX: '12'
}

test('an edge tells the market where it is, and serves what it is called there', async () => {
  const { market, running } = await started({ environment: { ...register, PUBLIC_URL: 'https://public.example', TOKENS_PER_MINUTE: '5' } })
  expect(market.registrations).toEqual([{
    instrument_id: 'text-prime',
    url: 'https://edge.example',
    public_url: 'https://public.example',
    models: ['llama-of-mine'],
    in_flight_max: 12,
    tokens_per_minute: 5,
    is_active: true
  }])
  expect([...running.endpoints]).toEqual([endpointId])
  await running.close()
  expect(market.registrations.slice(1)).toEqual([{ is_active: false }])
})

test('one that the market refuses does not run', async () => {
  await expect(started({ environment: { ...register, SUPPLIER_SIGNING_KEY: Buffer.alloc(32, 9).toString('base64') } }))
    .rejects.toThrow('the market answered 500 to the registration')
})
