import { expect, test } from 'vitest'
import { leftoversIn } from '../../../pipelines/demo/leftovers.ts'
import { apply } from '../../../pipelines/matching/apply.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { Tape } from '../../../pipelines/matching/tape.ts'
import { instruments, setParameters } from '../../../schemas/instruments.ts'
import type { OrderCommand } from '../../../schemas/matching/records.ts'
import { instant } from '../../../schemas/units.ts'
import { limitOrder } from '../../support/orders.ts'

const [instrument] = instruments

test('what the demo of release 0.2 left is found, and nobody else’s order', () => {
  const state = new Matching()
  const tape = new Tape()
  const position = { at: instant(0), isLate: false, version: 1 }
  const obey = (command: OrderCommand) => { apply(state, command, position, tape) }
  obey(setParameters(instrument!))
  const holders = [7, 899_999_999, 900_000_000, 900_000_049, 900_000_050, 900_001_001]
  for (const [place, holder] of holders.entries()) {
    const order = { id: place + 1, holder, instrumentId: instrument!.instrumentId, quantity: 1 }
    obey(limitOrder({ ...order, side: place % 2 === 0 ? 'buy' : 'sell', price: place % 2 === 0 ? 30_000 : 31_000 }))
  }
  expect(state.book.count).toBe(holders.length)
  const cancels = leftoversIn(state)
  expect(cancels.map(({ holder }) => holder).sort()).toEqual([900_000_000, 900_000_049])
  for (const cancel of cancels) obey(cancel)
  expect(state.book.count).toBe(holders.length - 2)
  expect(leftoversIn(new Matching())).toEqual([])
})
