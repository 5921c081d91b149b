// A fake payment processor: takes no money from anybody. It keeps its books in a file, so that what it has "charged" is
// still charged after a crash, and knows of a payment what a real one does: it is asked for once under a key, may be
// confirmed again after a decline, and succeeds at most once.

import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const intent = z.object({
  id: z.string(),
  key: z.string(),
  amountCents: z.int().min(1),
  customer: z.string(),
  metadata: z.record(z.string(), z.string()),
  status: z.enum(['requires_confirmation', 'requires_payment_method', 'succeeded']),
  createdSeconds: z.int(),
  chargeId: z.string().nullable(),
  chargedSeconds: z.int().nullable()
})
export type Intent = z.output<typeof intent>

export type NewIntent = Pick<Intent, 'key' | 'amountCents' | 'customer' | 'metadata'>

/** Methods whose names contain one of these words are declined with the other. */
const declines: Readonly<Record<string, string>> = {
  chargeDeclined: 'card_declined', authenticationRequired: 'authentication_required'
}

export type Confirmed =
  | { readonly kind: 'succeeded', readonly intent: Intent }
  | { readonly kind: 'declined', readonly intent: Intent, readonly code: string }
  /** It had succeeded before. */
  | { readonly kind: 'unexpected', readonly intent: Intent }

export class FakeProcessor {
  readonly #intents = new Map<string, Intent>()
  readonly #byKey = new Map<string, { readonly intentId: string, readonly asked: string }>()
  readonly #file: string | null
  readonly #now: () => number

  /** `file`: null to forget everything with the process. `now`: milliseconds since the epoch. */
  constructor ({ file, now }: { readonly file: string | null, readonly now: () => number }) {
    this.#file = file
    this.#now = now
    if (file !== null) this.#restore(file)
  }

  /** Null: the key was used for something else. */
  create (asked: NewIntent): Intent | null {
    const { key, ...content } = asked
    const known = this.#byKey.get(key)
    if (known !== undefined) return known.asked === JSON.stringify(content) ? this.#intents.get(known.intentId)! : null
    const made: Intent = {
      id: `pi_fake_${randomBytes(12).toString('hex')}`,
      ...asked,
      status: 'requires_confirmation',
      createdSeconds: this.#seconds(),
      chargeId: null,
      chargedSeconds: null
    }
    this.#write(made)
    this.#byKey.set(key, { intentId: made.id, asked: JSON.stringify(content) })
    return made
  }

  intent (id: string): Intent | undefined {
    return this.#intents.get(id)
  }

  /** Of what has succeeded the amount stays. */
  setAmount (id: string, amountCents: number): Intent {
    const known = this.#intents.get(id)!
    return known.status === 'succeeded' ? known : this.#write({ ...known, amountCents })
  }

  confirm (id: string, method: string): Confirmed {
    const known = this.#intents.get(id)!
    if (known.status === 'succeeded') return { kind: 'unexpected', intent: known }
    const [, code] = Object.entries(declines).find(([word]) => method.includes(word)) ?? []
    if (code !== undefined) {
      return { kind: 'declined', intent: this.#write({ ...known, status: 'requires_payment_method' }), code }
    }
    const chargeId = `ch_fake_${randomBytes(12).toString('hex')}`
    return { kind: 'succeeded', intent: this.#write({ ...known, status: 'succeeded', chargeId, chargedSeconds: this.#seconds() }) }
  }

  /** The oldest first. */
  all (): Intent[] {
    return [...this.#intents.values()]
  }

  #seconds (): number {
    return Math.floor(this.#now() / 1000)
  }

  // In the file before it is told to anybody: what was told as charged is charged after a crash.
  #write (changed: Intent): Intent {
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(changed)}\n`)
    this.#intents.set(changed.id, changed)
    return changed
  }

  #restore (file: string): void {
    mkdirSync(dirname(file), { recursive: true })
    if (!existsSync(file)) return
    const text = readFileSync(file, 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    // Nobody was told of what was half written.
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
    for (const line of whole.split('\n').filter(each => each !== '')) {
      const read = intent.parse(JSON.parse(line))
      if (!this.#intents.has(read.id)) {
        const { key, amountCents, customer, metadata } = read
        this.#byKey.set(key, { intentId: read.id, asked: JSON.stringify({ amountCents, customer, metadata }) })
      }
      this.#intents.set(read.id, read)
    }
  }
}
