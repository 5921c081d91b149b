// Payment intents of Stripe's API, as much of them as charging a saved card takes.

import { z } from 'zod'

const charge = z.object({ id: z.string(), created: z.int() })

const intent = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.int(),
  metadata: z.record(z.string(), z.string()).default({}),
  latest_charge: z.union([charge, z.string()]).nullable().default(null)
})
export type StripeIntent = z.output<typeof intent>

const page = z.object({ data: z.array(intent), has_more: z.boolean() })
export type StripePage = z.output<typeof page>

const failure = z.object({
  error: z.object({
    type: z.string().default(''),
    code: z.string().optional(),
    decline_code: z.string().optional(),
    message: z.string().default(''),
    payment_intent: intent.optional()
  })
})
export type StripeFailure = z.output<typeof failure>['error']

/** The processor refused, in its own words. */
export class StripeError extends Error {
  readonly status: number
  readonly failure: StripeFailure

  constructor (status: number, failure: StripeFailure) {
    super(`the payment processor answered ${status} ${failure.code ?? failure.type}: ${failure.message}`)
    this.name = 'StripeError'
    this.status = status
    this.failure = failure
  }
}

export type StripeOptions = {
  /** Without a path, such as https://api.stripe.com. */
  readonly url: string
  readonly secretKey: string
  readonly timeoutMs?: number
}

type Asked = {
  readonly path: string
  /** Of a POST; null: a GET. */
  readonly form: Readonly<Record<string, string>> | null
  readonly idempotencyKey?: string
}

const timeoutMsDefault = 20_000

export class StripeIntents {
  readonly #options: StripeOptions

  constructor (options: StripeOptions) {
    this.#options = options
  }

  async create (form: Readonly<Record<string, string>>, idempotencyKey: string): Promise<StripeIntent> {
    return await this.#ask({ path: '', form, idempotencyKey }, intent)
  }

  async update (id: string, form: Readonly<Record<string, string>>): Promise<StripeIntent> {
    return await this.#ask({ path: `/${id}`, form }, intent)
  }

  async confirm (id: string, form: Readonly<Record<string, string>>): Promise<StripeIntent> {
    return await this.#ask({ path: `/${id}/confirm`, form: { ...form, 'expand[]': 'latest_charge' } }, intent)
  }

  async intent (id: string): Promise<StripeIntent> {
    return await this.#ask({ path: `/${id}?expand[]=latest_charge`, form: null }, intent)
  }

  async search (query: string): Promise<StripePage> {
    const asked = new URLSearchParams({ query, 'expand[]': 'data.latest_charge', limit: '10' })
    return await this.#ask({ path: `/search?${String(asked)}`, form: null }, page)
  }

  /** The newest first. */
  async list (createdSince: number, startingAfter: string | null): Promise<StripePage> {
    const asked = new URLSearchParams({ 'created[gte]': String(createdSince), limit: '100', 'expand[]': 'data.latest_charge' })
    if (startingAfter !== null) asked.set('starting_after', startingAfter)
    return await this.#ask({ path: `?${String(asked)}`, form: null }, page)
  }

  async #ask<Schema extends z.ZodType> (asked: Asked, schema: Schema): Promise<z.output<Schema>> {
    const { path, form, idempotencyKey } = asked
    const { url, secretKey, timeoutMs = timeoutMsDefault } = this.#options
    const response = await fetch(`${url}/v1/payment_intents${path}`, {
      method: form === null ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${secretKey}`,
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey })
      },
      ...(form === null ? {} : { body: new URLSearchParams(form) }),
      signal: AbortSignal.timeout(timeoutMs)
    })
    const body: unknown = await response.json()
    if (response.ok) return schema.parse(body)
    const told = failure.safeParse(body)
    throw new StripeError(response.status, told.data?.error ?? { type: '', message: 'in no form that is known' })
  }
}
