// What a process learns of instruments while it runs. Here, and not beside the table's own tests: learning is for good.

import { describe, expect, test } from 'vitest'
import {
  instrumentById, instrumentByMarket, instrumentByPublicId, instrumentBySymbol, instruments, knownInstruments, learn,
  listedInstrument, setParameters, type Instrument
} from '../../schemas/instruments.ts'
import type { ListedInstrument } from '../../schemas/instruments/records.ts'
import { schemaOf } from '../../schemas/schema-set.ts'
import { instrumentId, microdollars } from '../../schemas/units.ts'

const prime = instrumentBySymbol('text-prime')!
const audio: Instrument = {
  ...prime,
  index: 18,
  instrumentId: instrumentId('audio-standard'),
  publicId: 'instrument-2f0c7a52-5f0e-4f3c-8d1c-0f6e0c5d7b11',
  marketId: 'market-7e1f1f9a-51f5-4b77-9a38-3c3c9b7a0e42',
  marketName: 'AUDIO-STANDARD-USD',
  name: 'Audio Standard'
}

/** As a reader of the topic has it. */
function onTheWire (instrument: Instrument, changes: Partial<ListedInstrument> = {}): ListedInstrument {
  const { type } = schemaOf('listed-instrument')
  return type.fromBuffer(type.toBuffer({ ...listedInstrument(instrument), ...changes })) as ListedInstrument
}

describe('an instrument that was added', () => {
  test('is known by all its spellings, beside those of the release', () => {
    expect(instrumentById(audio.instrumentId)).toBeUndefined()
    expect(learn(onTheWire(audio))).toBe(true)
    expect(instrumentById(audio.instrumentId)).toEqual(audio)
    for (const spelling of [audio.publicId, audio.publicId.slice(11), 'Audio Standard']) {
      expect(instrumentByPublicId(spelling)).toEqual(audio)
    }
    for (const spelling of [audio.marketId, 'AUDIO-STANDARD-USD', 'audio-standard']) {
      expect(instrumentByMarket(spelling)).toEqual(audio)
    }
    expect(knownInstruments().map(({ index }) => index)).toEqual([...instruments.map(({ index }) => index), 18])
    expect(setParameters(instrumentBySymbol('AUDIO-STANDARD')!)).toEqual(setParameters(audio))
  })

  test('takes no partition, and no name, that another has', () => {
    expect(learn(onTheWire(audio, { index: 3 }))).toBe(false)
    expect(learn(onTheWire(audio, { instrumentId: instrumentId('audio-prime') }))).toBe(false)
    expect(learn(onTheWire(audio, { index: 19, instrumentId: instrumentId('audio-prime'), name: 'Text Prime' }))).toBe(true)
    expect(instrumentByPublicId('Text Prime')).toBe(prime)
    expect(instrumentByPublicId('audio-prime')?.index).toBe(19)
  })
})

test('parameters that were changed by command are shown', () => {
  const tickSize = microdollars(50)
  expect(learn(onTheWire(prime, { trading: { ...prime.trading, tickSize } }))).toBe(true)
  expect(instrumentByMarket(prime.marketId)).toEqual({ ...prime, trading: { ...prime.trading, tickSize } })
})

test('words of a later release are passed over, and what it lists in them is not opened', () => {
  const terms = { ...prime.terms, qualityIndex: 'taste', reasoningEfforts: ['low', 'endless', 'high'] }
  expect(learn(onTheWire(prime, { listing: 'auction', supply: 'pooled', terms }))).toBe(true)
  const learned = instrumentById(prime.instrumentId)!
  expect([learned.listing, learned.supply]).toEqual(['preview', 'class'])
  expect(learned.terms).toMatchObject({ qualityIndex: null, reasoningEfforts: ['low', 'high'] })
})
