// The registry's schemas, each under its id (B6). Ids are the registry's to give: it counts, and what is registered in
// the order of the ids gets the same ones, as long as those that were never anybody's are used up in their turn.

import { isDeepStrictEqual } from 'node:util'
import type { RegistryAddress } from '../../schemas/registry.ts'
import type { SchemaCopy } from './manifest.ts'

type Version = { readonly id: number, readonly schema: string, readonly schemaType?: string }

const mediaType = 'application/vnd.schemaregistry.v1+json'

export class SchemaCopies {
  readonly #address: RegistryAddress

  constructor (address: RegistryAddress) {
    this.#address = address
  }

  async #ask<Answer> (method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Answer> {
    const { url, username, password } = this.#address
    const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': mediaType, ...(username === undefined ? {} : { authorization: `Basic ${basic}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`The registry answered ${method} ${path} with ${response.status}: ${text}`)
    return JSON.parse(text) as Answer
  }

  /** Every version of the subjects that are wanted, by id. */
  async read (isWanted: (subject: string) => boolean): Promise<SchemaCopy[]> {
    const copies: SchemaCopy[] = []
    const subjects = await this.#ask<string[]>('GET', '/subjects')
    for (const subject of subjects.filter(isWanted)) {
      const path = encodeURIComponent(subject)
      const { compatibilityLevel: compatibility } = await this.#ask<{ compatibilityLevel: string }>('GET', `/config/${path}?defaultToGlobal=true`)
      for (const version of await this.#ask<number[]>('GET', `/subjects/${path}/versions`)) {
        const { id, schema, schemaType = 'AVRO' } = await this.#ask<Version>('GET', `/subjects/${path}/versions/${version}`)
        copies.push({ subject, id, schema, schemaType, compatibility })
      }
    }
    return copies.sort((a, b) => a.id - b.id)
  }

  /** Into a registry that is empty, or has them already. Throws before anything is changed where it has others. */
  async restore (copies: readonly SchemaCopy[]): Promise<void> {
    const subjects = await this.#ask<string[]>('GET', '/subjects')
    if (subjects.length > 0) await this.#compare(copies)
    else await this.#fill(copies)
  }

  async #compare (copies: readonly SchemaCopy[]): Promise<void> {
    for (const { id, schema, subject } of copies) {
      const there = await this.#ask<{ schema: string }>('GET', `/schemas/ids/${id}`).catch(() => undefined)
      if (there !== undefined && isDeepStrictEqual(JSON.parse(there.schema), JSON.parse(schema))) continue
      throw new Error(`The registry has schemas already, and by ${id} not that of ${subject}: the ids of a backup can only be had from an empty one.`)
    }
  }

  async #fill (copies: readonly SchemaCopy[]): Promise<void> {
    const seen = new Set<number>()
    // A text that is there again under another subject may cost an id: those come last, when no more are needed.
    const first = copies.filter(({ id }) => !seen.has(id) && seen.add(id))
    let last = 0
    for (const copy of first) {
      while (last < copy.id - 1) last = await this.#useUp(last + 1)
      last = await this.#register(copy)
      if (last !== copy.id) throw new Error(`The registry gave ${copy.subject} the id ${last}, and it has to be ${copy.id}. Start again with an empty registry.`)
    }
    for (const copy of copies) if (!first.includes(copy)) await this.#register(copy)
    for (const [subject, compatibility] of new Map(copies.map(copy => [copy.subject, copy.compatibility]))) {
      await this.#ask('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility })
    }
  }

  async #register ({ subject, schema, schemaType }: SchemaCopy): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    return (await this.#ask<{ id: number }>('POST', path, { schema, schemaType })).id
  }

  #useUp (id: number): Promise<number> {
    const schema = JSON.stringify({ type: 'record', name: `Unused${id}`, namespace: 'backup', fields: [] })
    return this.#register({ subject: `backup.Unused${id}`, id, schema, schemaType: 'AVRO', compatibility: '' })
  }
}
