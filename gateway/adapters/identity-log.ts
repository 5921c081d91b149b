// Identities on their way into the log, and back: a write is answered once this gateway's own directory has applied it,
// so that who asks next sees it.

import type { Directory } from '../../pipelines/identities/directory.ts'
import type { Log } from '../../pipelines/runtime/log.ts'
import { identityKey, type Identity } from '../../schemas/identity/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import type { SettingsPort } from '../settings/settings-port.ts'

export type IdentityLogOptions = {
  readonly log: Pick<Log, 'send'>
  /** The topic on the broker. */
  readonly topic: string
  readonly encode: (identity: Identity) => Buffer
  readonly directory: Directory
  readonly now: () => Instant
  readonly deadlineMs?: number
  /** A send was rejected: for the log of operators. */
  readonly rejected?: (error: unknown) => void
}

const deadlineMsDefault = 5000
const waitingMax = 1000

type Waiting = { readonly key: string, readonly value: Buffer | null, readonly done: () => void }

function unknown (): ApiError {
  const message = 'The log did not confirm this in time: it may have taken effect, or may do so yet. Look before you send it again.'
  return new ApiError('outcome_unknown', message, { headers: { 'retry-after': '1' } })
}

function full (): ApiError {
  const message = 'The log is not keeping up, and nothing was sent. Try again.'
  return new ApiError('unavailable', message, { headers: { 'retry-after': '5' } })
}

export class IdentityLog {
  readonly #options: IdentityLogOptions
  readonly #waiting = new Set<Waiting>()

  constructor (options: IdentityLogOptions) {
    this.#options = options
  }

  /** Takes a record of the topic; false where it does not belong there. */
  apply (key: string, identity: Identity | null): boolean {
    const { directory, encode } = this.#options
    const isTaken = directory.apply(key, identity)
    for (const each of this.#waiting) {
      if (each.key !== key) continue
      // By their bytes: what was decoded is made of other classes than what was written.
      const isSame = identity === null ? each.value === null : each.value?.equals(encode(identity)) === true
      if (isSame) each.done()
    }
    return isTaken
  }

  get port (): SettingsPort {
    const { directory, encode } = this.#options
    return {
      settings: holder => directory.settings(holder),
      keys: holder => directory.consumptionKeysOf(holder),
      write: identity => this.#write(identityKey(identity), encode(identity)),
      remove: identity => this.#write(identityKey(identity), null)
    }
  }

  async #write (key: string, value: Buffer | null): Promise<void> {
    const { log, topic, now, rejected, deadlineMs = deadlineMsDefault } = this.#options
    if (this.#waiting.size >= waitingMax) throw full()
    const applied = Promise.withResolvers<undefined>()
    const waiting: Waiting = { key, value, done: () => { applied.resolve(undefined) } }
    const timer = setTimeout(() => { applied.reject(unknown()) }, deadlineMs)
    // Before it is sent: the mirror may be faster than the acknowledgement.
    this.#waiting.add(waiting)
    log.send([{ topic, partition: 0, key, value, headers: {}, timestamp: now() }]).catch((error: unknown) => {
      rejected?.(error)
      applied.reject(unknown())
    })
    try {
      await applied.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    }
  }
}
