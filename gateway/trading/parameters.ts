// The values that clients send, each as a zod schema from text to what we use inside. One schema a meaning: routes are
// put together from these, and so is the description of the API.

import { z } from 'zod'
import { instrumentByMarket, instrumentByPublicId, type Instrument } from '../../schemas/instruments.ts'
import { instant, side, type Instant } from '../../schemas/units.ts'
import { whole } from '../http/parameters.ts'
import { resolution } from '../ports.ts'
import { microdollarsOf } from './decimals.ts'

const text = z.string().max(200, 'is too long')

export const depth = whole(1, 100).meta({ description: 'Levels a side, 1 to 100.' })

function found (look: (spelling: string) => Instrument | undefined, message: string): z.ZodType<Instrument, string> {
  return text.transform((spelling, context) => {
    const instrument = look(spelling)
    if (instrument !== undefined) return instrument
    context.issues.push({ code: 'custom', message, input: spelling })
    return z.NEVER
  })
}

export const market = found(instrumentByMarket, 'is not a market of ours')
  .meta({ description: 'market-<uuid>, market_<uuid>, the UUID, or the symbol.' })

export const instrument = found(instrumentByPublicId, 'is not an instrument of ours')
  .meta({ description: 'instrument-<uuid>, instrument_<uuid>, the UUID, or the symbol.' })

export const marketId = market.transform(({ marketId }) => marketId)
export const publicId = instrument.transform(({ publicId }) => publicId)

export const aSide = z.enum(side, 'is buy or sell')

export const aResolution = z.enum(resolution, `is one of ${resolution.join(', ')}`)
  .meta({ description: 'Width of a bar; 1m is a minute, 1M a month.' })

export const price = text.transform((sent, context) => {
  const price = microdollarsOf(sent)
  if (price !== null) return price
  context.issues.push({ code: 'custom', message: 'is not a decimal of at most six places', input: sent })
  return z.NEVER
})

export const quantity = whole(0, 999_999_999)

const epochSeconds = /^\d{1,10}(\.\d{1,3})?$/
const isoDate = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

function instantOf (sent: string): Instant | null {
  if (epochSeconds.test(sent)) return instant(Math.round(Number(sent) * 1000))
  const iso = sent.replace(/ (?=\d\d:\d\d$)/, '+') // A plus sign that nobody encoded arrives as a space.
  return isoDate.safeParse(iso).success ? instant(Date.parse(iso)) : null
}

/** As far as the tables' timestamps reach, with room for a day's arithmetic. */
const instantMax = Date.UTC(2200, 0, 1)

export const anInstant = text.transform((sent, context) => {
  const at = instantOf(sent)
  if (at !== null && at >= 0 && at < instantMax) return at
  context.issues.push({ code: 'custom', message: 'is neither seconds since 1970 nor an ISO 8601 time', input: sent })
  return z.NEVER
}).meta({ description: 'Seconds since 1970, or ISO 8601 with a zone; a bare date is 00:00 UTC.' })

/** An exact word, in any case. */
export const word = text.transform(sent => sent.toLowerCase())
