// The fake processor as the port, within one process.

import { instant } from '../../../schemas/units.ts'
import { amountOf, centsOf, type Approved, type PaymentPort } from '../payments.ts'
import type { FakeProcessor, Intent } from './processor.ts'

const approved = ({ id, amountCents, chargedSeconds }: Intent): Approved =>
  ({ kind: 'approved', reference: id, amount: amountOf(amountCents), at: instant(chargedSeconds! * 1000) })

export const fakePayments = (processor: FakeProcessor): PaymentPort => ({
  async charge ({ holder, method, amount, idempotencyKey }) {
    const amountCents = centsOf(amount)
    if (amountCents === null) return Promise.resolve({ kind: 'declined', reason: 'not_whole_cents' })
    const known = processor.all().find(({ key }) => key === idempotencyKey)
    if (known?.status === 'succeeded') return Promise.resolve(approved(known))
    const asked = { key: idempotencyKey, amountCents, customer: String(holder), metadata: {} }
    const intent = known === undefined ? processor.create(asked)! : processor.setAmount(known.id, amountCents)
    const confirmed = processor.confirm(intent.id, method)
    if (confirmed.kind === 'declined') return Promise.resolve({ kind: 'declined', reason: confirmed.code })
    return Promise.resolve(approved(confirmed.intent))
  },
  approvedSince: async at => Promise.resolve(processor.all()
    .filter(({ chargedSeconds }) => chargedSeconds !== null && chargedSeconds * 1000 >= at)
    .map(intent => ({ ...approved(intent), idempotencyKey: intent.key })))
})
