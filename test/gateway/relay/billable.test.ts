// What is billed of what was said and delivered.

import { describe, expect, test } from 'vitest'
import { billable, type Measured } from '../../../gateway/relay/billable.ts'

/** A token a word. */
const count = (text: string): number => text.split(' ').filter(each => each !== '').length
const words = (length: number): string[] => Array.from({ length }, () => 'word ')

const measured: Measured = { usage: null, inputBound: 100, text: words(200), showsReasoning: false, outputMax: 1000 }
const of = (some: Partial<Measured>, input: () => number = () => 50) =>
  billable({ ...measured, ...some }, { count, input })

const said = (input: number, output: number, reasoning = 0, cached = 0): Pick<Measured, 'usage'> => ({
  usage: { input, cached, output, reasoning }
})

describe('usage that was said', () => {
  test('is billed as it is where it is plausible', () => {
    expect(of(said(60, 200, 0, 40)))
      .toEqual({ input: 60, cached: 40, output: 200, reasoning: 0, isEstimated: false, overReported: null })
  })

  test('is never more input than there are bytes', () => {
    expect(of(said(101, 200, 0, 101))).toMatchObject({ input: 100, cached: 100 })
  })

  test('may be a quarter above the reference, and what a template adds', () => {
    expect(of(said(60, 266))).toMatchObject({ output: 266, overReported: null })
    expect(of(said(60, 267))).toMatchObject({ output: 200, overReported: 67 })
  })

  test('may hide reasoning, which nobody can count', () => {
    expect(of(said(60, 700, 500))).toMatchObject({ output: 700, reasoning: 500, overReported: null })
    expect(of(said(60, 900, 500))).toMatchObject({ output: 700, reasoning: 500, overReported: 200 })
  })

  test('hides no more reasoning than the cap allows, and none beside what it shows', () => {
    expect(of({ ...said(60, 5000, 5000), outputMax: 300 }))
      .toMatchObject({ output: 500, reasoning: 500, overReported: 4500 })
    expect(of({ ...said(60, 700, 500), showsReasoning: true }))
      .toMatchObject({ output: 200, reasoning: 200, overReported: 500 })
  })

  test('of nothing is nothing', () => {
    expect(of(said(0, 0)))
      .toEqual({ input: 0, cached: 0, output: 0, reasoning: 0, isEstimated: false, overReported: null })
  })
})

describe('usage that is missing', () => {
  test('is estimated by the reference, over what was delivered', () => {
    expect(of({})).toEqual({ input: 50, cached: 0, output: 200, reasoning: 0, isEstimated: true, overReported: null })
  })

  test('is no more input than there are bytes', () => {
    expect(of({}, () => 1000)).toMatchObject({ input: 100 })
  })

  test('has no output where nothing was delivered', () => {
    expect(of({ text: [] })).toMatchObject({ input: 50, output: 0, isEstimated: true })
  })
})

test('the reference is asked only where it decides something', () => {
  const never = (): number => { throw new Error('was asked') }
  const text = ['The market opens at dawn and every trader reads']
  expect(billable({ ...measured, ...said(60, 9), text }, { count: never, input: never })).toMatchObject({ output: 9 })
})
