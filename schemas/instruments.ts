// The instruments that this process knows: those of the release, and what it has learned since from the topic of
// instruments. For the edge (gateways, jobs, operators) only: a core knows what was commanded on its own partition.

import { instruments, qualityIndex, reasoningEffort, type Instrument } from './instruments/published.ts'
import type { ListedInstrument } from './instruments/records.ts'
import type { SetParameters } from './matching/records.ts'
import { instrumentId, type InstrumentId } from './units.ts'

export * from './instruments/published.ts'

const byId = new Map(instruments.map(each => [each.instrumentId, each]))

type LookUp = (spelling: string) => Instrument | undefined
type Names = { readonly find: LookUp, add (instrument: Instrument): void }

/**
 * Ids were written with `_` once, bare UUIDs are sent too, and symbols come in any case. A spelling stays with the
 * instrument that had it first.
 */
function namesOf (prefix: string, spellings: (instrument: Instrument) => readonly string[]): Names {
  const pattern = new RegExp(`^${prefix}[-_]`)
  const normal = (spelling: string): string => spelling.toLowerCase().replace(pattern, '')
  const found = new Map<string, InstrumentId>()
  const add = (instrument: Instrument): void => {
    for (const spelling of spellings(instrument).map(normal)) {
      if (!found.has(spelling)) found.set(spelling, instrument.instrumentId)
    }
  }
  instruments.forEach(add)
  const find: LookUp = spelling => {
    const id = found.get(normal(spelling))
    return id === undefined ? undefined : byId.get(id)
  }
  return { find, add }
}

const publicNames = namesOf('instrument', ({ publicId, instrumentId, name }) => [publicId, instrumentId, name])
const marketNames = namesOf('market', ({ marketId, marketName, instrumentId, name }) =>
  [marketId, marketName, instrumentId, name])

/** By its key: exact, as topics and tables have it. */
export const instrumentById = (id: InstrumentId): Instrument | undefined => byId.get(id)

/** By symbol, in any case. */
export const instrumentBySymbol: LookUp = symbol => byId.get(instrumentId(symbol.toLowerCase()))

/** By any spelling of its own id: `instrument-<uuid>`, `instrument_<uuid>`, the UUID, its symbol or its name. */
export const instrumentByPublicId = publicNames.find

/** By any spelling of its market's id: `market-<uuid>`, `market_<uuid>`, the UUID, the market's name, or the symbol. */
export const instrumentByMarket = marketNames.find

/** All of them, in the order of their indexes. */
export const knownInstruments = (): readonly Instrument[] => [...byId.values()].sort((a, b) => a.index - b.index)

/** What another release may have written in words that this one does not know is shown without them, and not opened. */
function readListed ({ kind, terms, ...listed }: ListedInstrument): Instrument {
  return {
    ...listed,
    listing: listed.listing === 'listed' ? 'listed' : 'preview',
    supply: listed.supply === 'lab-latest' ? 'lab-latest' : 'class',
    terms: {
      ...terms,
      qualityIndex: qualityIndex.find(word => word === terms.qualityIndex) ?? null,
      reasoningEfforts: reasoningEffort.filter(word => terms.reasoningEfforts.includes(word))
    }
  }
}

/**
 * Takes an instrument as it is listed now: a new one, or new words and parameters of one that is known. False where it
 * can't be: its partition is another's, or it was at another.
 */
export function learn (listed: ListedInstrument): boolean {
  const { index, instrumentId } = listed
  const isTaken = [...byId.values()].some(each => (each.index === index) !== (each.instrumentId === instrumentId))
  if (isTaken) return false
  const instrument = readListed(listed)
  byId.set(instrumentId, instrument)
  publicNames.add(instrument)
  marketNames.add(instrument)
  return true
}

/** As it stands in the topic of instruments. */
export function listedInstrument (instrument: Instrument): ListedInstrument {
  return { kind: 'listed-instrument', ...instrument }
}

/** The command that lists the instrument on its partition with its parameters. */
export function setParameters ({ instrumentId, trading }: Instrument): SetParameters {
  return { kind: 'set-parameters', instrumentId, ...trading }
}
