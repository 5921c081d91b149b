// Instruments: halted, opened, given other parameters, added to a running market.

import {
  instrumentBySymbol, instrumentByMarket, instrumentByPublicId, knownInstruments, listedInstrument, setParameters,
  type Instrument, type TradingParameters
} from '../../schemas/instruments.ts'
import type { OrderCommand, TradingStatus } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { learnInstruments } from '../instrument-mirror.ts'
import { matching } from '../matching/stage.ts'
import { marketView, type MarketView } from '../matching/views.ts'
import type { Context } from '../process/context.ts'
import { tellAll, withLedger } from './market.ts'
import { assertDone, NotDone, StageClient } from './stage-client.ts'

/** As this market has it now. */
export async function instrumentNamed (context: Context, symbol: string): Promise<Instrument> {
  await learnInstruments(context)
  const instrument = instrumentBySymbol(symbol)
  if (instrument === undefined) throw new NotDone(`There is no instrument ${symbol}; \`instrument list\` shows them.`)
  return instrument
}

/** Tells matching, throws `NotDone` where it refuses, and returns the book as it is then. */
async function tellMatching (context: Context, index: number, command: OrderCommand): Promise<MarketView> {
  const client = await StageClient.open(context, matching(), [index])
  try {
    const told = [{ partition: index, key: command.instrumentId, command }]
    assertDone(told, await client.tell(told))
    return marketView(client.state(index), 0)
  } finally {
    await client.close()
  }
}

export async function setTradingStatus (
  context: Context, { index, instrumentId }: Instrument, status: TradingStatus
): Promise<MarketView> {
  return await tellMatching(context, index, { kind: 'set-trading-status', instrumentId, status })
}

async function mirror ({ log, binder, topic }: Context, instrument: Instrument): Promise<void> {
  await log.send([{
    topic: topic(topics.instruments.name),
    partition: 0,
    key: instrument.instrumentId,
    value: binder.current.encode(listedInstrument(instrument)),
    headers: {},
    timestamp: instant(Date.now())
  }])
}

/** The whole set, with what is asked for changed. */
export async function changeParameters (
  context: Context, instrument: Instrument, asked: Partial<TradingParameters>
): Promise<Instrument> {
  const changed = { ...instrument, trading: { ...instrument.trading, ...asked } }
  await tellMatching(context, changed.index, setParameters(changed))
  await mirror(context, changed)
  return changed
}

/** The next free index; the names must be nobody's. What is listed as a preview is opened at its own. */
export function nextInstrument (asked: Omit<Instrument, 'index'>): Instrument {
  const known = knownInstruments()
  const preview = known.find(({ instrumentId, listing }) => instrumentId === asked.instrumentId && listing === 'preview')
  if (preview !== undefined) {
    const { index, publicId, marketId } = preview
    return { ...asked, index, publicId, marketId }
  }
  const names = [asked.instrumentId, asked.name, asked.publicId, asked.marketId, asked.marketName]
  const taken = names.find(name => instrumentByPublicId(name) !== undefined || instrumentByMarket(name) !== undefined)
  if (taken !== undefined) throw new NotDone(`${taken} is taken.`)
  const index = Math.max(-1, ...known.map(each => each.index)) + 1
  if (index >= topics.orders.partitions) throw new NotDone('Every partition of the topics by instrument is taken.')
  return { ...asked, index }
}

/** Its book, then its place in all accounts, then the mirror, from which the edge learns of it. */
export async function addInstrument (context: Context, asked: Omit<Instrument, 'index'>): Promise<Instrument> {
  await learnInstruments(context)
  const instrument = nextInstrument(asked)
  const { index, instrumentId, trading: { referencePrice } } = instrument
  await tellMatching(context, index, setParameters(instrument))
  await withLedger(context, accounts =>
    tellAll(accounts, { kind: 'list-instrument', instrumentId, index, referencePrice }, instrumentId))
  await mirror(context, instrument)
  return instrument
}
