// What is billed of what was said and delivered.

import { describe, expect, test } from 'vitest'
import { billable, type Measured, type Reference } from '../../../gateway/relay/billable.ts'

/** A token a word. */
const count = (text: string): number => text.split(' ').filter(each => each !== '').length
const words = (length: number): string => 'word '.repeat(length)
const never = (): never => { throw new Error('was asked') }

const measured: Measured = {
  usage: null,
  inputBound: 100,
  inputSlack: 100,
  outputAtLeast: 0,
  outputSlack: 16,
  hiddenMax: 1000,
  rejectedMax: 0
}
const reference: Reference = {
  count, sample: never, inputText: never, outputTexts: () => [words(150), words(50)], inputEstimate: () => 50
}
const of = (some: Partial<Measured>, asking: Partial<Reference> = {}) =>
  billable({ ...measured, ...some }, { ...reference, ...asking })

type Parts = { readonly reasoning?: number, readonly cached?: number, readonly rejected?: number }
const said = (input: number, output: number, { reasoning = 0, cached = 0, rejected = 0 }: Parts = {}) =>
  ({ usage: { input, cached, output, reasoning, rejected } })

describe('usage that was said', () => {
  test('is billed as it is where it is plausible', () => {
    expect(of(said(60, 200, { cached: 40 })))
      .toMatchObject({ input: 60, cached: 40, output: 200, reasoning: 0, isEstimated: false, overReported: null })
  })

  test('is never more input than there are bytes', () => {
    expect(of(said(101, 200, { cached: 101 }))).toMatchObject({ input: 100, cached: 100 })
  })

  test('may be a quarter above the reference, and what a template adds', () => {
    expect(of(said(60, 266))).toMatchObject({ output: 266, overReported: null })
    expect(of(said(60, 267))).toMatchObject({ output: 200, overReported: 67 })
  })

  test('may hide reasoning, which nobody can count', () => {
    expect(of(said(60, 700, { reasoning: 500 }))).toMatchObject({ output: 700, reasoning: 500, overReported: null })
    expect(of(said(60, 900, { reasoning: 500 }))).toMatchObject({ output: 700, reasoning: 500, overReported: 200 })
  })

  test('hides no more reasoning than there may be', () => {
    expect(of({ ...said(60, 5000, { reasoning: 5000 }), hiddenMax: 300 }))
      .toMatchObject({ output: 500, reasoning: 500, overReported: 4500 })
    expect(of({ ...said(60, 700, { reasoning: 500 }), hiddenMax: 0 }))
      .toMatchObject({ output: 200, reasoning: 200, overReported: 500 })
  })

  test('may have a prediction rejected, as far as there was one', () => {
    const rejected = said(60, 500, { rejected: 300 })
    expect(of({ ...rejected, rejectedMax: 400 })).toMatchObject({ output: 500, overReported: null })
    expect(of({ ...rejected, rejectedMax: 100 })).toMatchObject({ output: 300, overReported: 200 })
    expect(of(rejected)).toMatchObject({ output: 200, overReported: 300 })
  })

  test('of nothing is nothing', () => {
    expect(of(said(0, 0), { outputTexts: () => [] }))
      .toMatchObject({ input: 0, cached: 0, output: 0, reasoning: 0, isEstimated: false, overReported: null })
  })
})

describe('input that was said', () => {
  const long = { inputBound: 4000, inputSlack: 20 }
  const text = words(400)
  const looking = { inputText: () => text, sample: count, outputTexts: () => [] }

  test('may be a quarter above the reference, and the slack', () => {
    expect(of({ ...long, ...said(520, 0) }, looking)).toMatchObject({ input: 520, overReported: null })
    expect(of({ ...long, ...said(521, 0, { cached: 521 }) }, looking))
      .toMatchObject({ input: 520, cached: 520, overReported: 1 })
    expect(of({ ...long, ...said(4000, 0) }, looking)).toMatchObject({ input: 520, overReported: 3480 })
  })

  test('may have each digit read by itself', () => {
    const digits = { ...looking, inputText: () => words(400) + '1'.repeat(300) }
    expect(of({ ...long, ...said(822, 0) }, digits)).toMatchObject({ input: 822, overReported: null })
    expect(of({ ...long, ...said(1000, 0) }, digits)).toMatchObject({ input: 822, overReported: 178 })
  })

  test('is not cut to a sample that missed the most of it', () => {
    expect(of({ ...long, ...said(500, 0) }, { ...looking, sample: () => 1, inputText: () => '的 '.repeat(400) }))
      .toMatchObject({ input: 500, overReported: null })
  })

  test('is told together with what was too much of output', () => {
    expect(of({ ...long, ...said(620, 100) }, looking)).toMatchObject({ input: 520, output: 0, overReported: 200 })
  })
})

describe('usage that is missing', () => {
  test('is estimated by the reference, over what was delivered', () => {
    expect(of({})).toEqual({ input: 50, cached: 0, output: 200, reasoning: 0, isEstimated: true, overReported: null })
  })

  test('is no more input than there are bytes', () => {
    expect(of({}, { inputEstimate: () => 1000 })).toMatchObject({ input: 100 })
  })

  test('has no output where nothing was delivered', () => {
    expect(of({}, { outputTexts: () => [] })).toMatchObject({ input: 50, output: 0, isEstimated: true })
  })
})

test('the reference is asked only where it decides something', () => {
  const unasked: Reference = { count: never, sample: never, inputText: never, outputTexts: never, inputEstimate: never }
  expect(of({ ...said(60, 9), outputAtLeast: 9 }, unasked)).toMatchObject({ input: 60, output: 9 })
  const inputText = (): string => words(70)
  expect(of({ ...said(85, 9), inputSlack: 0, outputAtLeast: 9 }, { ...unasked, inputText }))
    .toMatchObject({ input: 85, output: 9 })
})
