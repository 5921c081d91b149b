// Holds what was answered to the description that the gateway serves: to that alone, as a client's tools would.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Answer, Client, Method } from './client.ts'

type Operation = { readonly responses: Readonly<Record<string, Response>> }
/** By method; and `servers`, where they are its own. */
type PathItem = Readonly<Record<string, Operation>>
type Header = { readonly $ref?: string, readonly required?: boolean }
type Response = {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, Header>>
}
export type Description = {
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>
    readonly headers?: Readonly<Record<string, Header>>
  }
}

type Answered = { readonly method: Method, readonly path: string, readonly answer: Answer }

const escaped = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

export class Conformance {
  readonly #description: Description
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  readonly #validators = new Map<string, ValidateFunction>()
  readonly #patterns: ReadonlyArray<readonly [string, RegExp]>

  constructor (description: Description) {
    this.#description = description
    // Their module says `default` twice over to a compiler of ES modules.
    const add = addFormats as unknown as (ajv: Ajv2020) => void
    add(this.#ajv)
    this.#ajv.addSchema(description, 'api')
    // The exact ones first: /orders/count is not the order called count.
    const paths = Object.keys(description.paths).sort((a, b) => a.split('{').length - b.split('{').length)
    this.#patterns = paths.map(path => [path, new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)])
  }

  /** Such as `GET /orders/{order}`; null for what is not described. */
  operationOf ({ method, path }: Pick<Answered, 'method' | 'path'>): string | null {
    const asked = path.split('?', 1)[0]!
    const described = this.#patterns.find(([template, pattern]) =>
      pattern.test(asked) && this.#description.paths[template]![method.toLowerCase()] !== undefined)
    return described === undefined ? null : `${method} ${described[0]}`
  }

  /** Of the trading side. What has servers of its own is inference, and held to its description by another test. */
  get operations (): string[] {
    return Object.entries(this.#description.paths).filter(([, item]) => item['servers'] === undefined)
      .flatMap(([path, methods]) => Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`))
  }

  /** What in the answer is not as described. */
  faults (answered: Answered): string[] {
    const operation = this.operationOf(answered)
    if (operation === null) return []
    const { status, body, headers } = answered.answer
    const [method, path] = operation.split(' ') as [Method, string]
    const found = this.#description.paths[path]![method.toLowerCase()]!.responses[status]
    if (found === undefined) return [`${operation}: ${status} is not described`]
    const isShared = found.$ref !== undefined
    const response = isShared ? this.#description.components.responses[found.$ref.split('/').at(-1)!]! : found
    const missing = this.#required(response).filter(name => headers.get(name) === null)
    const where = isShared ? found.$ref : `#/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`
    const [type = ''] = (headers.get('content-type') ?? 'application/json').split(';')
    const missed = missing.map(name => `${operation}: ${status} without ${name}`)
    return [...missed, ...this.#bodyFaults(where, response, { type, body })]
  }

  /** All that are described, but those of which it says that they need not be there. */
  #required ({ headers = {} }: Response): string[] {
    const { headers: shared = {} } = this.#description.components
    return Object.entries(headers).filter(([, header]) => {
      const { required } = header.$ref === undefined ? header : shared[header.$ref.split('/').at(-1)!]!
      return required !== false
    }).map(([name]) => name)
  }

  #bodyFaults (where: string, { content }: Response, { type, body }: { type: string, body: unknown }): string[] {
    if (content === undefined) return body === undefined ? [] : [`${where}: has a body`]
    if (content[type] === undefined) return [`${where}: ${type} is not described`]
    const place = `api${where}/content/${escaped(type)}/schema`
    const validate = this.#validators.get(place) ?? this.#ajv.compile({ $ref: place })
    this.#validators.set(place, validate)
    if (validate(body)) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${where}: ${instancePath} ${message}`)
  }
}

/** All that clients were answered, held to the description: a line for each thing wrong. */
export const faultsIn = (conformance: Conformance, clients: readonly Client[]): string[] =>
  [...new Set(clients.flatMap(({ answered }) => answered.flatMap(each => conformance.faults(each))))]

/** Operations that nobody was ever answered well. */
export function neverAsked (conformance: Conformance, clients: readonly Client[]): string[] {
  const well = clients.flatMap(({ answered }) => answered.filter(({ answer }) => answer.status < 300))
  const asked = new Set(well.map(each => conformance.operationOf(each)))
  return conformance.operations.filter(operation => !asked.has(operation))
}
