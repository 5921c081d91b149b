// The ledger as a usage replay sees it: a replica of every partition, as in a gateway. What was sent is answered once
// the replica has come to it.

import { topics } from '../../schemas/topics.ts'
import { partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { ledger } from '../ledger/stage.ts'
import type { Context } from '../process/context.ts'
import { runStage } from '../process/run-stage.ts'
import type { Host } from '../runtime/host.ts'

const { partitions } = topics.ledger
const lookMs = 3

export type LedgerOptions = {
  /** How long one thing may take before it is given up. */
  readonly stallMs: number
  readonly signal: AbortSignal
}

export class UsageLedger {
  readonly #context: Context
  readonly #options: LedgerOptions
  readonly #host: Host<Ledger, LedgerCommand, LedgerOutput>

  constructor (context: Context, options: LedgerOptions) {
    this.#context = context
    this.#options = options
    this.#host = runStage(context, ledger(), { leads: false })
  }

  open (): Promise<void> {
    return this.#host.warm()
  }

  of (holder: HolderId): Ledger {
    return this.#host.machine(partitionOfHolder(holder, partitions))!.state
  }

  /** All partitions have come to an instant. */
  async untilTime (at: Instant): Promise<void> {
    const all = Array.from({ length: partitions }, (_, partition) => partition)
    await this.until(() => all.every(partition => this.#host.machine(partition)!.now >= at), () => `time is not ${at} everywhere`)
  }

  /** Looks until it is so. `otherwise` says what is missing where it never is. */
  async until (isSo: () => boolean, otherwise: () => string): Promise<void> {
    const { stallMs, signal } = this.#options
    const began = performance.now()
    while (!isSo()) {
      signal.throwIfAborted()
      if (performance.now() - began > stallMs) throw new Error(`nothing has moved for ${stallMs / 1000} s: ${otherwise()}`)
      await this.#context.log.sleep(lookMs)
    }
  }

  close (): Promise<void> {
    return this.#host.close()
  }
}
