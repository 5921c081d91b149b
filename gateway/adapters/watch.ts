// What can't be known without asking, asked once a second: where the logs end, and whether ClickHouse answers. Checks
// and metrics then read the last answers, so that nobody who looks waits for a part that is away.

export type Asked = {
  /** Ends of the log's partitions that the replicas follow, by `topic/partition`. */
  readonly ends: () => Promise<ReadonlyMap<string, number>>
  /** How many records are in the topic of dead letters. */
  readonly deadLetters: () => Promise<number>
  /** Rejects while ClickHouse does not answer. */
  readonly clickHouse: () => Promise<unknown>
  readonly elapsedMs: () => number
}

/** Of something that is asked again and again. */
export class Answer<Value> {
  value: Value | undefined
  /** What went wrong, if the last attempt did. */
  error: unknown
  #answeredAt: number
  readonly #elapsedMs: () => number

  constructor (elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
    this.#answeredAt = elapsedMs()
  }

  /** How long ago there was one; since the start where there was none. */
  get ageMs (): number {
    return this.#elapsedMs() - this.#answeredAt
  }

  async ask (question: () => Promise<Value>): Promise<void> {
    try {
      this.value = await question()
      this.error = undefined
      this.#answeredAt = this.#elapsedMs()
    } catch (error) {
      this.error = error
    }
  }
}

const askEveryMs = 1000

export class Watch {
  readonly ends: Answer<ReadonlyMap<string, number>>
  readonly deadLetters: Answer<number>
  readonly clickHouse: Answer<unknown>
  #isStopped = false

  constructor ({ elapsedMs }: Pick<Asked, 'elapsedMs'>) {
    this.ends = new Answer(elapsedMs)
    this.deadLetters = new Answer(elapsedMs)
    this.clickHouse = new Answer(elapsedMs)
  }

  /** Resolves once each has been asked for the first time; goes on until stopped. */
  async start (asked: Asked): Promise<void> {
    await Promise.all([
      this.#repeat(() => this.ends.ask(asked.ends)),
      this.#repeat(() => this.deadLetters.ask(asked.deadLetters)),
      this.#repeat(() => this.clickHouse.ask(asked.clickHouse))
    ])
  }

  // The next question waits for the answer to the last: one that hangs is asked once, and its age says so.
  #repeat (ask: () => Promise<void>): Promise<void> {
    const again = (): void => { this.#repeat(ask).catch(() => {}) } // What goes wrong is in the answer.
    return ask().then(() => {
      if (!this.#isStopped) setTimeout(again, askEveryMs).unref()
    })
  }

  stop (): void {
    this.#isStopped = true
  }
}
