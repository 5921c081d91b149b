// Which payment processor a gateway charges by.

import { z } from 'zod'
import { fakePayments } from './fake/payments.ts'
import { FakeProcessor } from './fake/processor.ts'
import type { PaymentPort } from './payments.ts'
import { stripePayments } from './stripe-payments.ts'

/** Of the environment. */
export const paymentFields = {
  PAYMENTS: z.enum(['none', 'fake', 'stripe']).default('none'),
  /** Where the fake one keeps its charges; no two gateways share it. */
  PAYMENTS_FILE: z.string().default('.data/fake-charges.jsonl'),
  STRIPE_URL: z.url({ protocol: /^https?$/ }).default('https://api.stripe.com').transform(url => url.replace(/\/+$/, '')),
  STRIPE_KEY: z.string().default('')
}

export type PaymentSettings = { readonly [Name in keyof typeof paymentFields]: z.output<typeof paymentFields[Name]> }

/** Null: nothing is charged. `now`: milliseconds since the epoch. */
export function chosenPayments (settings: PaymentSettings, now: () => number): PaymentPort | null {
  switch (settings.PAYMENTS) {
    case 'none': return null
    case 'fake': return fakePayments(new FakeProcessor({ file: settings.PAYMENTS_FILE, now }))
    case 'stripe': {
      const { STRIPE_URL: url, STRIPE_KEY: secretKey } = settings
      if (secretKey === '') throw new Error('PAYMENTS=stripe needs STRIPE_KEY')
      return stripePayments({ url, secretKey })
    }
  }
}
