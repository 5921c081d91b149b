// The reader asks for inference now and then, as any program does: by HTTP, with a consumption key, on each of the
// surfaces, in each of the modes of delivery. What it is told it does not read.

import { between, oneOf, type Chance } from './chance.ts'

export type ReaderOptions = {
  readonly gateway: string
  /** A consumption key. */
  readonly key: string
  /** What it may ask for. */
  readonly models: readonly string[]
  readonly chance: Chance
  /** What became of a request: `done`, or the code of an error. */
  readonly count: (outcome: string) => void
}

const outputMax = 64
const questions = [
  'What does a unit cost today?', 'Tell me about the weather at sea.', 'Name three birds.', 'Why is the sky dark at night?',
  'Write a line about patience.', 'What is a spot market?'
]

type Asked = { readonly path: string, readonly body: Readonly<Record<string, unknown>> }

const surfaces: readonly ((question: string) => Asked)[] = [
  content => ({ path: '/v1/chat/completions', body: { messages: [{ role: 'user', content }], max_completion_tokens: outputMax } }),
  content => ({ path: '/v1/messages', body: { messages: [{ role: 'user', content }], max_tokens: outputMax } }),
  input => ({ path: '/v1/responses', body: { input, max_output_tokens: outputMax } })
]

const deliveries = ['redirect', 'supplier', 'direct'] as const

/** From the end of an answer to the next question. */
const pauseMs = { least: 2000, most: 8000 }
/** Until the edges that were announced are there. */
const firstMs = 10_000
const timeoutMs = 30_000

export class Reader {
  readonly #options: ReaderOptions
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> = Promise.resolve()

  constructor (options: ReaderOptions) {
    this.#options = options
  }

  start (): void {
    this.#wait(firstMs)
  }

  #wait (ms: number): void {
    this.#timer = setTimeout(() => {
      this.#asking = this.ask().then(() => {
        const { least, most } = pauseMs
        if (!this.#stopping.signal.aborted) this.#wait(between(this.#options.chance, least, most))
      })
    }, ms)
  }

  /** One question; it never rejects. */
  async ask (): Promise<void> {
    const { gateway, key, models, chance, count } = this.#options
    const { path, body } = oneOf(chance, surfaces)(oneOf(chance, questions))
    const isStream = chance() < 0.5
    try {
      const response = await fetch(`${gateway}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-grid-delivery': oneOf(chance, deliveries) },
        body: JSON.stringify({ model: oneOf(chance, models), ...body, stream: isStream }),
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutMs)])
      })
      const text = await response.text()
      count(response.ok ? 'done' : codeIn(text) ?? String(response.status))
    } catch {
      if (!this.#stopping.signal.aborted) count('unanswered')
    }
  }

  /** Breaks off what is being asked. */
  async stop (): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#asking
  }
}

function codeIn (text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } }
    return typeof error?.code === 'string' ? error.code : null
  } catch {
    return null // A proxy's page, say: the status says enough.
  }
}
