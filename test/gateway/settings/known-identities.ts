// A gateway's directory, and the log that it writes to and follows, in memory.

import { IdentityLog } from '../../../gateway/adapters/identity-log.ts'
import { Directory } from '../../../pipelines/identities/directory.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import type { Identity } from '../../../schemas/identity/records.ts'
import { instant, type Instant } from '../../../schemas/units.ts'
import { wire } from '../../pipelines/runtime/support.ts'

type KnownOptions = {
  readonly directory?: Directory
  readonly now?: () => Instant
  readonly deadlineMs?: number
  readonly send?: () => Promise<void>
}

export class KnownIdentities {
  readonly directory: Directory
  readonly sent: Outgoing[] = []
  /** False: what is sent stays where it is, until `deliver`. */
  isQuick = true
  readonly #log: IdentityLog

  constructor ({ directory = new Directory(), now = () => instant(0), send, deadlineMs }: KnownOptions = {}) {
    this.directory = directory
    this.#log = new IdentityLog({
      log: { send: send ?? (async records => this.#send(records)) },
      topic: 'identities-1',
      encode: identity => wire.encode(identity),
      directory,
      now,
      ...deadlineMs === undefined ? {} : { deadlineMs }
    })
  }

  get port () {
    return this.#log.port
  }

  async #send (records: readonly Outgoing[]): Promise<void> {
    this.sent.push(...records)
    if (this.isQuick) records.forEach(record => { this.deliver(record) })
    return Promise.resolve()
  }

  deliver ({ key, value }: Pick<Outgoing, 'key' | 'value'>): boolean {
    return this.#log.apply(key!, value === null ? null : wire.decode(value) as unknown as Identity)
  }
}
