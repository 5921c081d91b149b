// Bindings from the schema registry: what this release registered, and what older writers used.

import { Codec, Undecodable, wireId, type AcceptedSchema, type Wire } from '../../schemas/codec.ts'
import type { Registry } from '../../schemas/registry.ts'
import type { Binder, Binding } from './machine.ts'
import type { Named } from './stage.ts'

const retryMs = 500
const unknownMs = 10_000
const unknownIdsMax = 10_000

export class RegistryBinder implements Binder {
  readonly #codec = new Codec()
  readonly #registry: Registry
  /** This release's schemas with their ids: what a newly provided market activates. */
  readonly listing: readonly AcceptedSchema[]
  readonly current: Wire
  // Ids that are none of ours, and until when that is believed: garbage must not become a flood of requests, and an id
  // that a later release is given must not stay garbage.
  readonly #unknownIds = new Map<number, number>()

  private constructor (registry: Registry, listing: readonly AcceptedSchema[]) {
    this.#registry = registry
    this.listing = listing
    this.current = this.#codec.bind(listing)
  }

  /** Registers what is missing. Throws where the registry finds a schema incompatible with an earlier version. */
  static async open (registry: Registry): Promise<RegistryBinder> {
    return new RegistryBinder(registry, await registry.register())
  }

  bind (listing: readonly AcceptedSchema[]): Binding {
    return this.#codec.bind(listing)
  }

  unknown (listing: readonly AcceptedSchema[]): readonly AcceptedSchema[] {
    return this.#codec.unknown(listing)
  }

  /** Waits for as long as it takes: a listed schema is never passed over. */
  async fetch (accepted: AcceptedSchema): Promise<void> {
    for (;;) {
      const text = await this.#registry.text(accepted.id).catch(() => undefined)
      if (text !== undefined && this.#codec.learn(text).fingerprint === accepted.fingerprint) return
      await new Promise(resolve => { setTimeout(resolve, retryMs) })
    }
  }

  /**
   * For readers that are no stage (sinks, streams): any id counts that the registry knows as a version of one of our
   * schemas. Throws `Undecodable`; waits while the registry can't be asked.
   */
  read (value: Buffer | null): Named | Promise<Named> {
    const id = wireId(value)
    if (this.current.has(id) || this.#isUnknown(id)) return this.current.decode(value)
    return this.#learn(id).then(() => this.current.decode(value))
  }

  #isUnknown (id: number): boolean {
    return (this.#unknownIds.get(id) ?? 0) > Date.now()
  }

  async #learn (id: number): Promise<void> {
    const text = await this.#ask(id)
    if (text !== undefined && this.#accept(id, text)) return
    if (this.#unknownIds.size >= unknownIdsMax) this.#unknownIds.clear()
    this.#unknownIds.set(id, Date.now() + unknownMs)
    throw new Undecodable('unknown_schema', `the registry knows no schema of ours by ${id}`)
  }

  #accept (id: number, text: string): boolean {
    try {
      const schema = this.#codec.learn(text)
      this.current.add({ ...schema, id }, schema)
    } catch {
      // No record, or one of our name that ours can't be read from: others may use the registry for what they like.
    }
    return this.current.has(id)
  }

  async #ask (id: number): Promise<string | undefined> {
    for (;;) {
      try {
        return await this.#registry.text(id)
      } catch {
        // The registry is away; what it would say decides, so there is nothing to do but to ask again.
        await new Promise(resolve => { setTimeout(resolve, retryMs) })
      }
    }
  }
}
