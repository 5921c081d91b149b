// The deltas of tool calls within one choice, put right: whose an upstream's delta is, and what it must say.
//
//   Upstreams leave out `index`, always send 0, start elsewhere or use one again; they send `id` late, blank, with each
//   delta, another each time, or never; they repeat names; and calls come interleaved. A delta belongs to
//     1  the call of its id, unless it names a function at another place;
//     2  else the last call at its index, or the last call where it has none.
//   It opens a new call where there is no such call, or where it names another function, has another id with a name, or
//   names the same function after arguments that are complete. Nothing of a call is said before its name is known.

import { isObject, type ToolCallDelta } from './chunk.ts'
import type { Json, JsonObject } from './surface.ts'

type Call = {
  /** As the upstream has it; '': none yet. */
  upstreamId: string
  /** The upstream's index; null: it has none. */
  readonly place: number | null
  name: string
  arguments: string
  /** Ours; -1 until its name is known. */
  index: number
}

type Said = { readonly id: string, readonly name: string, readonly place: number | null, readonly arguments: string }

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const textOf = (value: Json | undefined): string => typeof value === 'string' ? value : ''

function argumentsOf (value: Json | undefined): string {
  if (typeof value === 'string') return value
  return isObject(value) ? JSON.stringify(value) : '' // Some servers send the object that the text should hold.
}

function isComplete (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export class CallDeltas {
  readonly #calls: Call[] = []
  readonly #ids = new Set<string>()
  readonly #idOf: (index: number) => string
  #count = 0

  /** `idOf`: the id of a call that has none of its own, or another's. */
  constructor (idOf: (index: number) => string) {
    this.#idOf = idOf
  }

  get hasCalls (): boolean {
    return this.#count > 0
  }

  /** The deltas as they should be; null: that is how they are. */
  mend (deltas: readonly Json[]): readonly ToolCallDelta[] | null {
    const known = this.#calls.length
    const mended: ToolCallDelta[] = []
    let isSame = true
    for (const delta of deltas) {
      const right = isObject(delta) ? this.#take(delta, known) : null
      if (right === null || right !== delta) isSame = false
      if (right !== null) mended.push(right)
    }
    return isSame ? null : mended
  }

  /** `known`: how many calls there were before the list that this delta is in. */
  #take (delta: JsonObject, known: number): (ToolCallDelta & JsonObject) | null {
    const spoken = isObject(delta['function']) ? delta['function'] : {}
    const said: Said = {
      id: textOf(delta['id']),
      name: textOf(spoken['name']),
      place: isPlace(delta['index']) ? delta['index'] : null,
      arguments: argumentsOf(spoken['arguments'])
    }
    const call = this.#callOf(said, known) ?? this.#add(said)
    call.arguments += said.arguments
    if (call.upstreamId === '') call.upstreamId = said.id
    if (call.index !== -1) return continued(delta, spoken, call.index)
    if (said.name === '') return null
    call.name = said.name
    return this.#opened(delta, spoken, call)
  }

  #add ({ id, place }: Said): Call {
    const call: Call = { upstreamId: id, place, name: '', arguments: '', index: -1 }
    this.#calls.push(call)
    return call
  }

  /** The call that a delta goes on with; null: it opens one. */
  #callOf (said: Said, known: number): Call | null {
    const { id, name, place } = said
    const byId = id === '' ? undefined : this.#calls.findLast(call => call.upstreamId === id)
    const isElsewhere = name !== '' && place !== null && byId?.place !== null && place !== byId?.place
    if (byId !== undefined && !isElsewhere) return this.#isSame(byId, said, known) ? byId : null
    const call = place === null ? this.#calls.at(-1) : this.#calls.findLast(each => each.place === place)
    if (call !== undefined) return this.#isSame(call, said, known) ? call : null
    return id === '' && name === '' ? this.#calls.at(-1) ?? null : null
  }

  #isSame (call: Call, { id, name, arguments: text }: Said, known: number): boolean {
    if (name === '' || call.name === '') return true
    if (name !== call.name) return false
    const hasSameId = id !== '' && id === call.upstreamId
    if (id !== '' && call.upstreamId !== '' && !hasSameId) return false
    // In one list each entry with a name is a call.
    if (this.#calls.indexOf(call) >= known) return false
    return hasSameId || text === '' || !isComplete(call.arguments)
  }

  #opened (delta: JsonObject, spoken: JsonObject, call: Call): ToolCallDelta & JsonObject {
    const index = this.#count++
    const { upstreamId } = call
    const id = upstreamId.trim() === '' || this.#ids.has(upstreamId) ? this.#idOf(index) : upstreamId
    this.#ids.add(id)
    call.index = index
    const isRight = delta['index'] === index && delta['id'] === id && delta['type'] === 'function' &&
      spoken['arguments'] === call.arguments
    if (isRight) return delta as ToolCallDelta & JsonObject
    const words = { ...spoken, name: call.name, arguments: call.arguments }
    return { ...delta, index, id, type: 'function', function: words }
  }
}

/** A later delta says no id and no name again: clients that add up texts would have both twice. */
function continued (delta: JsonObject, spoken: JsonObject, index: number): ToolCallDelta & JsonObject {
  const isRight = delta['index'] === index && delta['id'] === undefined && delta['type'] !== null &&
    spoken['name'] === undefined && typeof spoken['arguments'] === 'string'
  if (isRight) return delta as ToolCallDelta & JsonObject
  const { id: _id, type: _type, function: _function, ...rest } = delta
  const { name: _name, ...words } = spoken
  return { ...rest, index, function: { ...words, arguments: argumentsOf(spoken['arguments']) } }
}
