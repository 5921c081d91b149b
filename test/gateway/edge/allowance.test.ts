// What a ticket allows.

import { describe, expect, test } from 'vitest'
import { instrumentServed, needWithin } from '../../../gateway/edge/allowance.ts'
import type { Inference } from '../../../gateway/surfaces/surface.ts'
import type { EdgeClaims } from '../../../gateway/tickets/edge-ticket.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'

const prime = instrumentBySymbol('text-prime')!

const claims = (some: Partial<EdgeClaims>): EdgeClaims =>
  ({ instrument: 'text-prime', held: 200_000, input_held: 120_000, output_max: 50_000, ...some }) as EdgeClaims
const inference = (bytes: number, outputMax: number | null = null, n = 1): Inference =>
  ({ size: { bytes, messages: 0, images: 0 }, n, outputMax }) as Inference
const needOf = (some: Partial<EdgeClaims>, asked: Inference) => needWithin(claims(some), asked, prime)

describe('the cap on an answer', () => {
  test('is what the market found room for in the context, whatever the bytes say', () => {
    expect(needOf({}, inference(400_000))).toMatchObject({ outputMax: 50_000 })
    expect(needOf({ output_max: 1 }, inference(400_000))).toMatchObject({ outputMax: 1 })
  })

  test('is what was asked, where that is less', () => {
    expect(needOf({}, inference(100, 70))).toMatchObject({ outputMax: 70 })
    expect(needOf({}, inference(100, 70_000))).toMatchObject({ outputMax: 50_000 })
  })

  test('is its part of what is allowed, where answers are several', () => {
    expect(needOf({}, inference(100, null, 3))).toMatchObject({ n: 3, outputMax: 16_666 })
    expect(needOf({ output_max: 2 }, inference(100, null, 3))).toMatchObject({ outputMax: 1 })
  })
})

test('no more input is billed than is held for it', () => {
  expect(needOf({ input_held: 60 }, inference(100, 40))).toMatchObject({ inputBound: 60, need: 100 })
  expect(needOf({}, inference(100, 40))).toMatchObject({ inputBound: 100, need: 140 })
})

test('an instrument that nobody here knows has no limits but the ticket\'s', () => {
  const unknown = claims({ instrument: 'text-next', output_max: 10 ** 7 })
  const instrument = instrumentServed(unknown)
  expect(instrument).toMatchObject({ instrumentId: 'text-next', name: 'text-next' })
  expect(needWithin(unknown, inference(100), instrument)).toMatchObject({ inputBound: 100, outputMax: 10 ** 7 })
})
