// The schema registry: registers this release's schemas, and fetches the text of others by id.

import { SchemaRegistry, SchemaType, COMPATIBILITY } from '@kafkajs/confluent-schema-registry'
import { type AcceptedSchema } from './codec.ts'
import { schemaSet, type Schema } from './schema-set.ts'

export type RegistryAddress = { readonly url: string, readonly username?: string, readonly password?: string }

function isNotFound (error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 404
}

export class Registry {
  readonly #client: SchemaRegistry

  constructor (address: RegistryAddress) {
    const { username, password } = address
    this.#client = new SchemaRegistry({
      host: address.url,
      ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
      retry: { retries: 5, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 5 }
    })
  }

  /** Registers what is not there yet; throws where the registry refuses a schema as incompatible with an earlier. */
  async register (schemas: readonly Schema[] = schemaSet): Promise<AcceptedSchema[]> {
    const accepted: AcceptedSchema[] = []
    for (const { name, text, fingerprint } of schemas) {
      const options = { subject: name, compatibility: COMPATIBILITY.FULL_TRANSITIVE }
      const { id } = await this.#client.register({ type: SchemaType.AVRO, schema: text }, options)
      accepted.push({ name, id, fingerprint })
    }
    return accepted
  }

  /** The schema's text, or undefined when the registry knows no such id. Throws when it can't be asked: try again. */
  async text (id: number): Promise<string | undefined> {
    try {
      const schema = await this.#client.getSchema(id) as unknown as { schema (options: object): unknown }
      return JSON.stringify(schema.schema({ exportAttrs: true }))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
