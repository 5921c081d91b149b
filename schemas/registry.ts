// The schema registry: registers this release's schemas, and fetches the text of others by id.

import { SchemaRegistry, SchemaType, COMPATIBILITY } from '@kafkajs/confluent-schema-registry'
import { type AcceptedSchema } from './codec.ts'
import { schemaSet, type Schema } from './schema-set.ts'

export type RegistryAddress = { readonly url: string, readonly username?: string, readonly password?: string }

function isNotFound (error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 404
}

/** The library could not make sense of what the registry has: a schema of a kind that is none of ours. */
const isInvalid = (error: unknown): boolean => error instanceof Error && /InvalidSchema|ArgumentError/.test(error.name)

const registerAttemptsMax = 5

export class Registry {
  readonly #address: RegistryAddress
  readonly #client: SchemaRegistry

  constructor (address: RegistryAddress) {
    const { username, password } = address
    this.#address = address
    this.#client = new SchemaRegistry({
      host: address.url,
      ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
      retry: { retries: 5, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 5 }
    })
  }

  /** Registers what is not there yet; throws where the registry refuses a schema as incompatible with an earlier. */
  async register (schemas: readonly Schema[] = schemaSet): Promise<AcceptedSchema[]> {
    const accepted: AcceptedSchema[] = []
    for (const schema of schemas) {
      const { name, fingerprint } = schema
      accepted.push({ name, id: await this.#register(schema), fingerprint })
    }
    return accepted
  }

  // Of two processes that bring a new subject at once the registry turns one away, or shows it a subject that is half
  // made; a moment later it is there.
  async #register ({ name, text }: Schema): Promise<number> {
    const options = { subject: name, compatibility: COMPATIBILITY.FULL_TRANSITIVE }
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#client.register({ type: SchemaType.AVRO, schema: text }, options)).id
      } catch (error) {
        if (attempt === registerAttemptsMax || /incompatible/i.test(String(error))) throw error
        await new Promise(resolve => { setTimeout(resolve, 100 * attempt) })
        if (/!= NONE\)/.test(String(error))) await this.#setCompatibility(name)
      }
    }
  }

  // The library makes a subject first and sets its compatibility after that: one whose maker was killed in between is
  // left without.
  async #setCompatibility (subject: string): Promise<void> {
    const { url, username, password } = this.#address
    const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')
    await fetch(`${url}/config/${subject}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/vnd.schemaregistry.v1+json',
        ...(username === undefined ? {} : { authorization: `Basic ${basic}` })
      },
      body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE })
    })
  }

  /**
   * The schema's text, or undefined when the registry knows no such id, or something else than Avro by it. Throws when
   * it can't be asked: try again.
   */
  async text (id: number): Promise<string | undefined> {
    try {
      const schema = await this.#client.getSchema(id) as unknown as { schema?: (options: object) => unknown }
      return schema.schema === undefined ? undefined : JSON.stringify(schema.schema({ exportAttrs: true }))
    } catch (error) {
      if (isNotFound(error) || isInvalid(error)) return undefined
      throw error
    }
  }
}
