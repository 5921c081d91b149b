// The port on a processor that speaks Stripe's API. A reload is one payment intent, found by its key in the metadata:
// it may be confirmed again after a decline, and succeeds at most once, whoever confirms it.

import { instant, type Instant } from '../../schemas/units.ts'
import { amountOf, centsOf, type Approved, type Charged, type ChargeAsked, type Declined, type PaymentPort } from './payments.ts'
import { StripeError, StripeIntents, type StripeIntent, type StripeOptions } from './stripe-intents.ts'

const keyName = 'market_key'

const declined = (reason: string): Declined => ({ kind: 'declined', reason })

function approved ({ id, amount, latest_charge: charge }: StripeIntent): Approved {
  if (charge === null || typeof charge === 'string') throw new Error(`payment intent ${id} came without its charge`)
  return { kind: 'approved', reference: id, amount: amountOf(amount), at: instant(charge.created * 1000) }
}

/** `cus_…/pm_…`; null for anything else. */
function methodOf (text: string): { readonly customer: string, readonly method: string } | null {
  const [, customer, method] = /^(\w{1,100})\/(\w{1,100})$/.exec(text) ?? []
  return customer === undefined || method === undefined ? null : { customer, method }
}

// The search may be a minute behind; until then the Idempotency-Key finds the intent, and for a day at least. Canceled
// ones can't be confirmed: once its key is forgotten there, a new one takes its place.
async function intentOf (intents: StripeIntents, asked: ChargeAsked, customer: string): Promise<StripeIntent> {
  const { holder, idempotencyKey } = asked
  const { data } = await intents.search(`metadata['${keyName}']:'${idempotencyKey}'`)
  const known = data.find(({ status }) => status === 'succeeded') ?? data.find(({ status }) => status !== 'canceled')
  return known ?? await intents.create({
    amount: String(centsOf(asked.amount)),
    currency: 'usd',
    customer,
    'payment_method_types[]': 'card',
    [`metadata[${keyName}]`]: idempotencyKey,
    'metadata[holder]': String(holder)
  }, idempotencyKey)
}

async function confirmed (intents: StripeIntents, { id }: StripeIntent, method: string): Promise<Approved | Declined> {
  try {
    const intent = await intents.confirm(id, { payment_method: method, off_session: 'true' })
    if (intent.status === 'succeeded') return approved(intent)
    return intent.status === 'requires_action' ? declined('authentication_required') : unsettled(intent)
  } catch (error) {
    if (!(error instanceof StripeError)) throw error
    const { code, decline_code: declineCode, type } = error.failure
    if (type === 'card_error') return declined(declineCode ?? code ?? type)
    // Another gateway was faster.
    if (code !== 'payment_intent_unexpected_state') throw error
    const intent = await intents.intent(id)
    return intent.status === 'succeeded' ? approved(intent) : unsettled(intent)
  }
}

function unsettled ({ id, status }: StripeIntent): never {
  throw new Error(`payment intent ${id} is ${status}: what comes of it is not known yet`)
}

async function charge (intents: StripeIntents, asked: ChargeAsked): Promise<Approved | Declined> {
  const cents = centsOf(asked.amount)
  if (cents === null) return declined('not_whole_cents')
  const card = methodOf(asked.method)
  if (card === null) return declined('no_such_payment_method')
  let intent = await intentOf(intents, asked, card.customer)
  // A repeat of the creation is answered as the first one was: how things are now has to be asked for.
  if (intent.status !== 'succeeded') intent = await intents.intent(intent.id)
  if (intent.status === 'succeeded') return approved(intent)
  if (intent.status === 'canceled') return declined('canceled')
  if (intent.status === 'processing') return unsettled(intent)
  if (intent.amount !== cents) intent = await intents.update(intent.id, { amount: String(cents) })
  return await confirmed(intents, intent, card.method)
}

/** Of how long before its charge an intent may have been made: declined first, and confirmed later. */
const declinedMs = 3 * 24 * 60 * 60 * 1000

async function approvedSince (intents: StripeIntents, at: Instant): Promise<Charged[]> {
  const since = Math.max(0, Math.floor((at - declinedMs) / 1000))
  const found: StripeIntent[] = []
  for (let after: string | null = null; ;) {
    const { data, has_more: hasMore } = await intents.list(since, after)
    found.push(...data)
    after = data.at(-1)?.id ?? null
    if (!hasMore || after === null) break
  }
  return found.filter(({ status, metadata }) => status === 'succeeded' && metadata[keyName] !== undefined)
    .map(intent => ({ ...approved(intent), idempotencyKey: intent.metadata[keyName]! }))
}

export function stripePayments (options: StripeOptions): PaymentPort {
  const intents = new StripeIntents(options)
  return { charge: asked => charge(intents, asked), approvedSince: at => approvedSince(intents, at) }
}
