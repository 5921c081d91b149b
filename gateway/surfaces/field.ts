// Reading a body of JSON field by field: all that is wrong with it is found before anything is said, each fault under
// the name that the client used for it.

import { isList, isObject } from './chunk.ts'
import { Fault, invalid } from './fault.ts'
import type { Json, JsonObject } from './surface.ts'

const nameLengthMax = 100
/** More than anybody reads: what is told costs more than what was sent. */
const faultsMax = 100
const pathLengthMax = 200
/** No context has room for so many messages, parts or tools. */
const entriesMax = 65_536

/** What a body turned out to have: faults, and what is dropped on the way upstream. */
export class Findings {
  readonly #faults = new Map<string, string[]>()
  readonly #ignored = new Set<string>()

  /** Throws where there are so many that the rest need not be looked for. */
  fault (path: string, words: string): void {
    const place = path.slice(0, pathLengthMax)
    const known = this.#faults.get(place)
    if (known === undefined) this.#faults.set(place, [words])
    else if (!known.includes(words)) known.push(words)
    if (this.#faults.size === faultsMax) this.settle()
  }

  /** As it can stand in a header: bodies may call their fields anything. */
  ignore (name: string): void {
    this.#ignored.add(name.slice(0, nameLengthMax).replace(/[^\x21-\x7e]/g, '?'))
  }

  get ignored (): readonly string[] {
    return [...this.#ignored]
  }

  /** Throws all faults at once, where there is one. */
  settle (): void {
    if (this.#faults.size > 0) throw invalid(Object.fromEntries(this.#faults))
  }
}

type Range = { readonly min: number, readonly max: number }

/** A value and where it stands. Who reads it gets something of the type that was asked for; a fault is written down. */
export class Field {
  readonly value: Json | undefined
  readonly path: string
  readonly findings: Findings

  constructor (findings: Findings, value: Json | undefined, path: string) {
    this.findings = findings
    this.value = value
    this.path = path
  }

  /** Null is as good as absent, as SDKs send it for what was not set. */
  get isThere (): boolean {
    return this.value !== undefined && this.value !== null
  }

  at (name: string | number): Field {
    const path = this.path === '' ? String(name) : `${this.path}.${name}`
    const found = isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined
    return new Field(this.findings, found, path)
  }

  fault (words: string): void {
    this.findings.fault(this.path, words)
  }

  ignore (): void {
    if (this.isThere) this.findings.ignore(this.path)
  }

  text (): string {
    if (typeof this.value === 'string') return this.value
    this.fault('must be text')
    return ''
  }

  /** A name, an id, data: text that says something. */
  word (): string {
    const text = this.text()
    if (text === '' && this.value === '') this.fault('must not be empty')
    return text
  }

  object (): JsonObject {
    if (isObject(this.value)) return this.value
    this.fault('must be an object')
    return {}
  }

  list (): Field[] {
    if (!isList(this.value)) this.fault('must be a list')
    else if (this.value.length > entriesMax) this.fault(`must have at most ${entriesMax} entries`)
    else return this.value.map((each, index) => new Field(this.findings, each, `${this.path}.${index}`))
    return []
  }

  flag (): boolean {
    if (typeof this.value === 'boolean') return this.value
    this.fault('must be true or false')
    return false
  }

  number ({ min, max }: Range): number {
    if (typeof this.value === 'number' && this.value >= min && this.value <= max) return this.value
    this.fault(`must be a number from ${min} to ${max}`)
    return min
  }

  whole (min: number): number {
    if (Number.isSafeInteger(this.value) && this.value as number >= min) return this.value as number
    this.fault(`must be a whole number, at least ${min}`)
    return min
  }

  oneOf<Word extends string> (words: readonly [Word, ...Word[]]): Word {
    const found = words.find(word => word === this.value)
    if (found === undefined) this.fault(`must be one of ${words.join(', ')}`)
    return found ?? words[0]
  }
}

/** A body as a whole. Throws where it is none. */
export function bodyField (body: unknown): Field {
  if (!isObject(body)) throw new Fault('malformed', 'The body is not a JSON object.')
  return new Field(new Findings(), body, '')
}

/** The model that a body names. */
export function modelOf (body: unknown): string {
  const field = bodyField(body)
  const model = field.at('model').word()
  field.findings.settle()
  return model
}
