// Against a registry that counts as ours does: an id for each new text, and one lost where a text comes under a second
// subject.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { SchemaCopies } from '../../../pipelines/backup/schema-copies.ts'

class CountingRegistry {
  readonly subjects = new Map<string, number[]>()
  readonly compatibility = new Map<string, string>()
  readonly texts = new Map<number, string>()
  #next = 1

  register (subject: string, schema: string): number {
    const [known] = [...this.texts].find(([, text]) => text === schema) ?? []
    const id = known ?? this.#next
    this.#next++
    this.texts.set(id, schema)
    this.subjects.set(subject, [...this.subjects.get(subject) ?? [], id])
    return id
  }

  async answer (request: IncomingMessage): Promise<unknown> {
    const [, kind, name = '', what, version] = request.url!.replace(/\?.*$/, '').split('/').map(decodeURIComponent)
    const sent = request.method === 'GET' ? {} : await json(request) as Record<string, string>
    if (kind === 'config') {
      if (request.method === 'PUT') this.compatibility.set(name, sent['compatibility']!)
      return { compatibilityLevel: this.compatibility.get(name) ?? 'NONE' }
    }
    if (kind === 'schemas') return { schema: this.texts.get(Number(what)) ?? 'null' }
    if (name === '') return [...this.subjects.keys()]
    if (request.method === 'POST') return { id: this.register(name, sent['schema']!) }
    const ids = this.subjects.get(name)!
    if (version === undefined) return ids.map((_, index) => index + 1)
    return { id: ids[Number(version) - 1], schema: this.texts.get(ids[Number(version) - 1]!) }
  }
}

async function serve (registry: CountingRegistry): Promise<SchemaCopies> {
  const server = createServer((request, response) => {
    registry.answer(request).then(
      answer => response.end(JSON.stringify(answer)),
      (error: unknown) => response.destroy(error as Error)
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => { server.close() })
  return new SchemaCopies({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

const textOf = (name: string): string => JSON.stringify({ type: 'record', name, fields: [] })

/** Ids 1, 3, 4, 6: another's texts and one that came twice lie between. */
function used (): CountingRegistry {
  const registry = new CountingRegistry()
  registry.register('market.A', textOf('A'))
  registry.register('market.Copy', textOf('A'))
  registry.register('market.B', textOf('B'))
  registry.register('market.B', textOf('B2'))
  registry.register('another.X', textOf('X'))
  registry.register('market.C', textOf('C'))
  registry.compatibility.set('market.B', 'FULL_TRANSITIVE')
  return registry
}

const isOurs = (subject: string): boolean => subject.startsWith('market.')

test('every schema comes to its id again, whatever lay between', async () => {
  const copies = await (await serve(used())).read(isOurs)
  expect(copies.map(({ subject, id }) => [subject, id])).toEqual([
    ['market.A', 1], ['market.Copy', 1], ['market.B', 3], ['market.B', 4], ['market.C', 6]
  ])
  const empty = new CountingRegistry()
  const restored = await serve(empty)
  await restored.restore(copies)
  expect(await restored.read(isOurs)).toEqual(copies)
  expect(empty.compatibility.get('market.B')).toBe('FULL_TRANSITIVE')
})

test('a registry that has them already is left as it is; one with others is refused', async () => {
  const registry = await serve(used())
  const copies = await registry.read(isOurs)
  await registry.restore(copies)
  expect(await registry.read(isOurs)).toEqual(copies)
  const other = new CountingRegistry()
  other.register('market.Z', textOf('Z'))
  await expect((await serve(other)).restore(copies)).rejects.toThrow('by 1 not that of market.A')
  expect([...other.subjects.keys()]).toEqual(['market.Z'])
})
