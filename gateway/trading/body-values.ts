// The values of JSON bodies that concern accounts, each as a zod schema from what clients send to what we use inside.

import { z } from 'zod'
import { microdollars, quantityMax, units, type Microdollars, type Units } from '../../schemas/units.ts'
import { microdollarsOf } from './decimals.ts'
import { instrument } from './parameters.ts'

const told = (fault: string) => ({ error: ({ input }: { input?: unknown }) => input === undefined ? 'is missing' : fault })

export const instrumentAsked = instrument.meta({
  description: 'instrument-<uuid>, instrument_<uuid>, the UUID, or the symbol.', examples: ['text-prime']
})

const unitsFault = `is a whole number of units, 1 to ${quantityMax}`
const numeral = z.string().regex(/^[1-9]\d{0,8}$/, unitsFault)

/** Clients send units as a JSON number or as a numeral. */
export const unitsAsked: z.ZodType<Units> = z
  .union([z.int().min(1, unitsFault).max(quantityMax, unitsFault), numeral], told(unitsFault))
  .transform(sent => units(Number(sent)))
  .meta({ description: 'Whole units, as a number or a numeral.', examples: [5] })

const fault = 'is an amount in dollars above 0, with at most six places'

export const amountAsked: z.ZodType<Microdollars> = z
  .union([z.string().max(30, fault), z.number()], told(fault))
  .transform((sent, context) => {
    const amount = microdollarsOf(String(sent))
    if (amount !== null && amount > 0) return microdollars(amount)
    context.issues.push({ code: 'custom', message: fault, input: sent })
    return z.NEVER
  })
  .meta({ description: 'Dollars, above 0, with at most six places; as text, so that no float rounds it.', examples: ['25.00'] })

export const clientReference = z.string().regex(/^[!-~]{1,100}$/, 'is 1 to 100 visible characters').optional().meta({
  description: 'What you call this: it takes effect once however often it is sent. The Idempotency-Key header says the same.',
  examples: ['rebalance-2026-06-15']
})
