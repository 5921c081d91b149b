// Messages of a chat, made of items that come one by one: what the assistant thought, said and called in one turn are
// items here, and one message there.

import type { ChatMessage, JsonObject } from '../surface.ts'
import { assistantMessage, contentOf, toolMessage, type ToolResult } from '../translation.ts'

type Turn = { reasoning: string, readonly texts: string[], readonly calls: JsonObject[] }

export class Conversation {
  readonly #messages: ChatMessage[] = []
  #turn: Turn | null = null
  /** Of tools' results. They wait until all results of the turn are there, for those may not be parted. */
  #images: JsonObject[] = []

  system (text: string): void {
    this.#close()
    this.#messages.push({ role: 'system', content: text })
  }

  user (parts: readonly JsonObject[]): void {
    this.#closeTurn()
    const all = [...this.#images, ...parts]
    this.#images = []
    this.#messages.push({ role: 'user', content: all.length === 0 ? '' : contentOf(all) })
  }

  thought (text: string): void {
    this.#begin().reasoning += text
  }

  said (text: string): void {
    const turn = this.#turn
    if (turn !== null && turn.texts.length > 0 && turn.calls.length === 0) this.#closeTurn()
    this.#begin().texts.push(text)
  }

  called (call: JsonObject): void {
    this.#begin().calls.push(call)
  }

  result (result: ToolResult): void {
    this.#closeTurn()
    this.#messages.push(toolMessage(result))
    this.#images.push(...result.images)
  }

  end (): readonly ChatMessage[] {
    this.#close()
    return this.#messages
  }

  #begin (): Turn {
    if (this.#turn === null) this.#close()
    this.#turn ??= { reasoning: '', texts: [], calls: [] }
    return this.#turn
  }

  #closeTurn (): void {
    if (this.#turn !== null) this.#messages.push(assistantMessage(this.#turn))
    this.#turn = null
  }

  #close (): void {
    this.#closeTurn()
    if (this.#images.length > 0) this.user([])
  }
}
