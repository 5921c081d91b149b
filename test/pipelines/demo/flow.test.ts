import { beforeAll, describe, expect, test } from 'vitest'
import { firstHolder, InstrumentFlow, isDemoHolder, restingMax, restingMin } from '../../../pipelines/demo/flow.ts'
import { leftoversIn } from '../../../pipelines/demo/leftovers.ts'
import { recordedMessages, recordedTickSize } from '../../../pipelines/demo/messages.ts'
import { apply } from '../../../pipelines/matching/apply.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { Tape } from '../../../pipelines/matching/tape.ts'
import { validate } from '../../../pipelines/matching/validate.ts'
import { depth } from '../../../pipelines/matching/views.ts'
import { instruments, setParameters, type Instrument } from '../../../schemas/instruments.ts'
import type { MatchingOutput, OrderCommand, PlaceOrder } from '../../../schemas/matching/records.ts'
import { holderId, instant, microdollars, orderId, units } from '../../../schemas/units.ts'

let messages: OrderCommand[] = []
beforeAll(() => { messages = recordedMessages() })

const closing = ['filled', 'cancelled', 'refused', 'expired']

function flowOf ({ instrumentId, trading: { tickSize, referencePrice } }: Instrument, from = 0): InstrumentFlow {
  let last = 0
  const nextOrderId = () => orderId(++last)
  return new InstrumentFlow({ instrumentId, tickSize, referencePrice, recordedTickSize, messages, from, nextOrderId })
}

/** An instrument with nobody but the demo, five commands a second. */
class Market {
  readonly state = new Matching()
  readonly fills: number[] = []
  readonly refusals: string[] = []
  readonly flow: InstrumentFlow
  readonly #tape = new Tape()
  #commands = 0

  constructor (instrument: Instrument) {
    this.flow = flowOf(instrument)
    this.obey(setParameters(instrument))
  }

  obey (command: OrderCommand): void {
    apply(this.state, command, { at: instant(200 * this.#commands++), isLate: false }, this.#tape)
    for (const output of this.#tape.outputs()) this.#hear(output)
  }

  #hear (output: MatchingOutput): void {
    if (output.kind === 'fill') this.fills.push(output.price)
    if (output.kind !== 'order-update') return
    if (output.refused) this.refusals.push(String(output.reason))
    if (closing.includes(output.status)) this.flow.closed(output.orderId)
  }

  play (commands: number): void {
    for (let count = 0; count < commands; count++) this.obey(this.flow.next())
  }
}

describe('one instrument', () => {
  const cheapest = instruments.find(({ instrumentId }) => instrumentId === 'code-standard')!
  const dearest = instruments.find(({ instrumentId }) => instrumentId === 'text-max')!

  test.each([cheapest, dearest])('$instrumentId trades inside its bands, from a book with depth', instrument => {
    const market = new Market(instrument)
    market.play(10_000)
    validate(market.state)
    expect(market.refusals).toEqual([])
    const { referencePrice, bandBp } = instrument.trading
    const width = referencePrice * bandBp / 10_000 / 2
    for (const price of market.fills) expect(Math.abs(price - referencePrice)).toBeLessThan(width)
    expect(new Set(market.fills).size).toBeGreaterThan(20)
    expect(market.fills.length).toBeGreaterThan(2000)
    expect(depth(market.state, 'buy', 100).length).toBeGreaterThan(10)
    expect(depth(market.state, 'sell', 100).length).toBeGreaterThan(10)
    expect(market.flow.resting).toBe(market.state.book.count)
  })

  test('what rests is held between two bounds once the book is full', () => {
    const market = new Market(dearest)
    market.play(1000)
    for (let count = 0; count < 2000; count++) {
      market.play(1)
      expect(market.state.book.count).toBeGreaterThan(restingMin / 2)
      expect(market.state.book.count).toBeLessThanOrEqual(restingMax)
    }
  })

  test('unheard, it still rests no more orders than it may', () => {
    const flow = flowOf(dearest)
    for (let count = 0; count < 3000; count++) flow.next()
    expect(flow.resting).toBe(restingMax)
  })

  test('at the end everything is taken out of the book', () => {
    const market = new Market(cheapest)
    market.play(700)
    expect(market.state.book.count).toBeGreaterThan(0)
    for (const cancel of market.flow.cancelAll()) market.obey(cancel)
    expect([market.state.book.count, market.flow.resting, market.refusals]).toEqual([0, 0, []])
  })

  test('what a killed run left is found, and nobody else\'s order', () => {
    const market = new Market(cheapest)
    market.play(500)
    const theirs: PlaceOrder = {
      kind: 'place-order',
      orderId: orderId(10 ** 9),
      holder: holderId(7),
      owner: 7 as PlaceOrder['owner'],
      instrumentId: cheapest.instrumentId,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      postOnly: false,
      price: microdollars(100),
      quantity: units(1),
      selfTradePrevention: 'cancel_newest'
    }
    const left = market.state.book.count
    market.obey(theirs)
    const cancels = leftoversIn(market.state)
    expect(cancels).toHaveLength(left)
    for (const cancel of cancels) market.obey(cancel)
    expect(market.state.book.count).toBe(1)
    expect(leftoversIn(new Matching())).toEqual([])
  })
})

test('the same messages give the same commands, other places in the recording others', () => {
  const [instrument] = instruments
  const take = (from: number) => {
    const flow = flowOf(instrument!, from)
    return Array.from({ length: 500 }, () => flow.next())
  }
  expect(take(0)).toEqual(take(0))
  expect(take(1000)).not.toEqual(take(0))
  expect(take(messages.length + 1000)).toEqual(take(1000))
})

test('the recording is played in a loop, with ids of its own each time', () => {
  const few = messages.slice(0, 30)
  const [{ instrumentId, trading }] = instruments as [Instrument]
  let last = 0
  const nextOrderId = () => orderId(++last)
  const flow = new InstrumentFlow({ instrumentId, ...trading, recordedTickSize, messages: few, from: 0, nextOrderId })
  const placed: number[] = []
  for (let count = 0; count < 300; count++) {
    const command = flow.next()
    if (command.kind === 'place-order') placed.push(command.orderId)
  }
  expect(placed.length).toBeGreaterThan(few.length)
  expect(new Set(placed).size).toBe(placed.length)
})

test('holders of the demo are told from others', () => {
  expect([firstHolder, firstHolder + 49].map(holder => isDemoHolder(holderId(holder)))).toEqual([true, true])
  const others = [0, firstHolder - 1, firstHolder + 50]
  expect(others.map(holder => isDemoHolder(holderId(holder)))).toEqual([false, false, false])
})
