// The bodies in which suppliers describe endpoints, each field by itself, and the terms that they come to.

import { z } from 'zod'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import { instrumentAsked } from '../trading/body-values.ts'
import { readUrl, UrlFault, urlText } from './urls.ts'

const modelsMax = 50
const amountMax = 1_000_000_000

function asUrl (sent: string, context: z.RefinementCtx<string>): URL {
  try {
    return readUrl(sent)
  } catch (error) {
    if (!(error instanceof UrlFault)) throw error
    context.addIssue({ code: 'custom', message: error.message, input: sent })
    return z.NEVER
  }
}

const aUrl = z.string('is a URL').transform(asUrl)

const url = aUrl.meta({
  description: 'Of your edge: requests go to paths below it. https; one that leads to public addresses only.',
  examples: ['https://edge.example']
})
const publicUrl = aUrl.nullish().meta({
  description: 'Where clients are sent that are to be served by you directly; null: nobody is.', examples: ['https://edge.example']
})

const modelFault = 'is text of 1 to 200 characters'
const model = z.string(modelFault).min(1, modelFault).max(200, modelFault)
const modelsFault = `is a list of 1 to ${modelsMax} names`
const models = z.array(model, modelsFault).min(1, modelsFault).max(modelsMax, modelsFault)
  .meta({ description: 'What it may answer with, as the answer names it.', examples: [['kimi-k2-instruct']] })

const limitFault = `is a whole number, 1 to ${amountMax}`
const limit = (description: string, example: number) =>
  z.int(limitFault).min(1, limitFault).max(amountMax, limitFault).nullish()
    .meta({ description: `${description}; null: not bounded.`, examples: [example] })

const pinFault = 'is the SHA-256 of a public key, 32 bytes in base64'
const pin = z.string(pinFault).regex(/^(sha256\/)?[A-Za-z0-9+/]{43}=$/, pinFault)
  .transform(sent => sent.replace(/^sha256\//, '')).nullish().meta({
    description: 'SHA-256 of the public key of its certificate (SubjectPublicKeyInfo), base64: then no authority counts.'
  })

const terms = {
  public_url: publicUrl,
  in_flight_max: limit('Requests at once', 64),
  requests_per_minute: limit('Requests a minute', 600),
  tokens_per_minute: limit('Tokens a minute, input and output together', 2_000_000),
  tls_pin: pin,
  is_active: z.boolean('is true or false').optional().meta({ description: 'False: nothing is sent there. True unless said.' })
}

export const newEndpoint = z.object({ instrument_id: instrumentAsked, url, models, ...terms })
  .meta({ id: 'SupplierEndpointAsked' })

export const changedEndpoint = z.object({
  instrument_id: instrumentAsked.optional().meta({ description: 'As it is: it can\'t change.' }),
  url: url.optional().meta({ description: 'As it is: another URL is another endpoint.' }),
  models: models.optional(),
  ...terms
}).meta({ id: 'SupplierEndpointChange', description: 'What is not sent stays as it is; null takes a limit away.' })

export type TermsAsked = Omit<z.output<typeof changedEndpoint>, 'instrument_id' | 'url'>

export type Terms = Pick<
  SupplierEndpoint,
  'publicUrl' | 'models' | 'inFlightMax' | 'requestsPerMinute' | 'tokensPerMinute' | 'tlsPin' | 'isActive'
>

/** Of an endpoint of which nothing was said. */
export const unsaid: Terms = {
  publicUrl: null,
  models: [],
  inFlightMax: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tlsPin: null,
  isActive: true
}

export function termsOf (asked: TermsAsked, before: Terms): Terms {
  const or = <T>(sent: T | undefined, kept: T): T => sent === undefined ? kept : sent
  const { public_url: sentUrl } = asked
  return {
    publicUrl: sentUrl == null ? or(sentUrl, before.publicUrl) : urlText(sentUrl),
    models: asked.models ?? before.models,
    inFlightMax: or(asked.in_flight_max, before.inFlightMax),
    requestsPerMinute: or(asked.requests_per_minute, before.requestsPerMinute),
    tokensPerMinute: or(asked.tokens_per_minute, before.tokensPerMinute),
    tlsPin: or(asked.tls_pin, before.tlsPin),
    isActive: asked.is_active ?? before.isActive
  }
}
