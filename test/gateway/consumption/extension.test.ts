// How a request that goes on gets more tokens held.

import { beforeEach, describe, expect, test } from 'vitest'
import { Extension } from '../../../gateway/consumption/extension.ts'
import type { Admission } from '../../../gateway/consumption/admission.ts'
import { needOf, outputStep } from '../../../gateway/serving/hold.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'

const { terms } = instrumentBySymbol('text-prime')!
const size = { bytes: 284, messages: 1, images: 0 }
const need = needOf({ size, n: 1, outputMax: null }, terms)

type Seen = { -readonly [Name in 'held' | 'isExtending' | 'isExtensible' | 'asking']: Admission[Name] }
let seen: Seen
let extension: Extension

beforeEach(() => {
  seen = { held: need.need, isExtending: false, isExtensible: true, asking: 0 }
  extension = new Extension(seen as Admission, need)
})

describe('more is asked for', () => {
  test('at half of what is held for output, a step at a time', () => {
    expect(extension.moreFor(outputStep / 2 - 1)).toBe(0)
    expect(extension.moreFor(outputStep / 2)).toBe(outputStep)
    seen.held += outputStep
    expect(extension.moreFor(outputStep / 2)).toBe(0)
    expect(extension.moreFor(outputStep)).toBe(outputStep)
  })

  test('not while the last word has no answer', () => {
    seen.isExtending = true
    expect(extension.moreFor(outputStep)).toBe(0)
  })

  test('never beyond the cap', () => {
    seen.held = need.inputBound + terms.outputTokensMax - 100
    expect(extension.moreFor(terms.outputTokensMax)).toBe(100)
    seen.held += 100
    expect(extension.moreFor(terms.outputTokensMax)).toBe(0)
  })

  test('for each of several answers', () => {
    const several = needOf({ size, n: 3, outputMax: null }, terms)
    seen.held = several.need
    expect(new Extension(seen as Admission, several).moreFor(several.need)).toBe(3 * outputStep)
  })
})

describe('it is spent', () => {
  test('once nothing is left and nothing more is to be had', () => {
    expect(extension.isSpent(outputStep)).toBe(false)
    seen.isExtensible = false
    expect(extension.isSpent(outputStep - 1)).toBe(false)
    expect(extension.isSpent(outputStep)).toBe(true)
    expect(extension.moreFor(outputStep)).toBe(0)
  })
})

describe('a word that it lives', () => {
  test('is due some time after the start, and after each word', () => {
    expect(extension.isDue(1_000_000)).toBe(false)
    extension.started(1000)
    expect(extension.isDue(1001)).toBe(false)
    expect(extension.isDue(31_000)).toBe(true)
    extension.keepAlive(31_000)
    expect(extension.isDue(31_001)).toBe(false)
    expect(extension.isDue(61_000)).toBe(true)
  })

  test('asks again for what the last word asked for, if that was lost', () => {
    extension.started(0)
    expect(extension.keepAlive(30_000)).toBe(0)
    seen.asking = outputStep
    expect(extension.keepAlive(60_000)).toBe(outputStep)
  })
})
