import { describe, expect, test } from 'vitest'
import { amount, dollars, inDollars, network, points, tier, time, whole } from '../../../pipelines/admin/arguments.ts'
import { exampleFile, readInstrument } from '../../../pipelines/admin/instrument-file.ts'

describe('dollars', () => {
  test.each([['0', 0], ['100', 100_000_000], ['0.05', 50_000], ['0.000001', 1], ['999999999.999999', 999_999_999_999_999]])('%s are read exactly', (text, micro) => {
    expect(dollars(text)).toBe(micro)
  })

  test.each(['', '-1', '1e3', '.5', '1.', '1.0000001', '$1', '1,000', '1000000000', 'NaN', ' 1'])('are not read of "%s"', text => {
    expect(() => dollars(text)).toThrow('Dollars')
  })

  test.each([[0, '0.00'], [1, '0.000001'], [50_000, '0.05'], [100_000_000, '100.00'], [-1_500_000, '-1.50'], [123_456, '0.123456']])('%d are shown as %s', (micro, text) => {
    expect(inDollars(micro)).toBe(text)
    if (micro >= 0) expect(dollars(text)).toBe(micro)
  })

  test('of an amount are more than none', () => {
    expect(() => amount('0.00')).toThrow('More than nothing')
  })
})

test('numbers, points, times and tiers are read or refused', () => {
  expect([whole('7'), points('10'), time('2027-01-01T00:00:00Z')]).toEqual([7, 10, Date.UTC(2027, 0, 1)])
  for (const text of ['', '-1', '1.5', 'ten']) expect(() => whole(text)).toThrow('whole number')
  expect(() => time('soon')).toThrow('A time')
  const first = tier('0:0:10')
  expect(tier('100000:1:5', first)).toEqual([
    { volumeFrom: 0, makerBp: 0, takerBp: 10 }, { volumeFrom: 100_000_000_000, makerBp: 1, takerBp: 5 }
  ])
  for (const text of ['0:0', '0:0:1:2', 'a:0:1', '0:x:1', '']) expect(() => tier(text)).toThrow()
})

test('networks are gathered, and what is none is refused', () => {
  expect(network('2001:db8::/32', network('192.0.2.0/24', network('192.0.2.9')))).toEqual(['192.0.2.9', '192.0.2.0/24', '2001:db8::/32'])
  for (const text of ['', '10.0.0.0/33', '10.0.0/8', '010.0.0.1', '::/129', '::1%eth0', 'localhost']) {
    expect(() => network(text)).toThrow('An address')
  }
})

describe('an instrument in a file', () => {
  const read = (changes: object): unknown => readInstrument(JSON.stringify({ ...exampleFile, ...changes }))

  test('that says little is one with our numbers, and ids of its own', () => {
    const [one, another] = [read({}), read({})] as { publicId: string, marketId: string }[]
    expect(one).toMatchObject({
      instrumentId: 'audio-standard',
      marketName: 'AUDIO-STANDARD-USD',
      listing: 'listed',
      supply: 'class',
      terms: { qualityIndex: null, contextTokens: 128_000, reasoningEfforts: ['low', 'medium', 'high'] },
      trading: { tickSize: 100, quantityMax: 10_000, bandBp: 2000, pauseMs: 30_000, referencePrice: 50_000 }
    })
    expect(one?.publicId).toMatch(/^instrument-[0-9a-f-]{36}$/)
    expect([one?.publicId, one?.marketId]).not.toEqual([another?.publicId, another?.marketId])
  })

  test.each([
    [{ symbol: 'Audio Standard' }, 'symbol: '], [{ colour: 'red' }, 'file: '], [{ terms: {} }, 'terms.context_window: '],
    [{ trading: { reference_price: 0.05 } }, 'trading.reference_price: '],
    [{ trading: { reference_price: '1e3' } }, 'trading.reference_price: '],
    [{ trading: { reference_price: '1', max_quantity: 1e9 } }, 'trading.max_quantity: '], [{ name: '' }, 'name: ']
  ])('%j is refused by its field', (changes, field) => {
    expect(() => read(changes)).toThrow(field)
  })

  test('is told all its faults at once, and garbage is told as such', () => {
    expect(() => read({ symbol: '', name: '' })).toThrow(/symbol: [^]*name: /)
    expect(() => readInstrument('{')).toThrow('not JSON')
  })
})
