// Makes the load, in a process of its own: one for all gateways, on undici's lowest level, so that it costs little and
// sees every byte when it comes. Takes jobs from who forked it, and tells what came of each.

import { Pool, type Dispatcher } from 'undici'
import type { LoadJob, LoadOutcome, LoadRequest, Pace } from './load-job.ts'

type Answer = {
  readonly status: number
  readonly location: string
  readonly firstAt: number
  readonly endedAt: number
  readonly parts: readonly Buffer[]
}

function ask (pool: Pool, { path, headers, body }: LoadRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let status = 0
    let location = ''
    let firstAt = 0
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, code, { location: to }) => {
        status = code
        if (typeof to === 'string') location = to
      },
      onResponseData: (_controller, part) => {
        if (parts.length === 0) firstAt = performance.now()
        parts.push(part)
      },
      onResponseEnd: () => {
        const endedAt = performance.now()
        resolve({ status, location, firstAt: parts.length === 0 ? endedAt : firstAt, endedAt, parts })
      },
      onResponseError: (_controller, error) => { reject(error) }
    }
    pool.dispatch({ path, method: 'POST', headers, body }, handler)
  })
}

type Chunk = { readonly choices: readonly { readonly delta: { readonly content?: string | null } }[] }

/** What an answer says, whole or streamed. */
function textOf (parts: readonly Buffer[]): string {
  const body = Buffer.concat(parts).toString()
  if (!body.startsWith('data:')) {
    const { choices } = JSON.parse(body) as { choices: readonly { message: { content: string } }[] }
    return choices[0]!.message.content
  }
  const events = body.split('\n\n').filter(event => event.startsWith('data:'))
  if (events.pop() !== 'data: [DONE]') throw new Error('the stream did not end')
  return events.map(event => {
    const { choices } = JSON.parse(event.slice('data:'.length)) as Chunk
    return choices[0]?.delta.content ?? ''
  }).join('')
}

/** Of so many answers one is read whole: reading all would cost more than asking. */
const readEvery = 31

class Run {
  readonly #job: LoadJob
  readonly #pool: Pool
  readonly #firstMs: number[] = []
  readonly #wholeMs: number[] = []
  readonly #faults = new Set<string>()
  readonly #kept: { readonly index: number, readonly parts: readonly Buffer[] }[] = []
  /** So many first ones open the connections, at the same pace, and are not timed. */
  readonly #warming: number
  #asked = 0
  #answered = 0

  constructor (job: LoadJob) {
    this.#job = job
    const { pace } = job
    const connections = pace.kind === 'closed' ? pace.connections : null
    this.#warming = pace.kind === 'closed' ? 0 : Math.ceil(pace.count / 4)
    this.#pool = new Pool(job.origin, { pipelining: 1, connections })
  }

  async run (): Promise<LoadOutcome> {
    const { pace } = this.#job
    const began = performance.now()
    if (pace.kind === 'closed') await this.#closed(pace)
    else await this.#open(pace)
    const seconds = (performance.now() - began) / 1000
    await this.#pool.close()
    this.#read()
    const faults = [...this.#faults].slice(0, 5)
    return { requests: this.#answered, seconds, firstMs: this.#firstMs, wholeMs: this.#wholeMs, faults }
  }

  async #closed ({ connections, ms }: Extract<Pace, { kind: 'closed' }>): Promise<void> {
    const until = performance.now() + ms
    await Promise.all(Array.from({ length: connections }, async () => {
      while (performance.now() < until) await this.#one()
    }))
  }

  async #open ({ aSecond, count }: Extract<Pace, { kind: 'open' }>): Promise<void> {
    const began = performance.now()
    const sent: Promise<void>[] = []
    const all = this.#warming + count
    while (sent.length < all) {
      const due = Math.min(all, Math.floor((performance.now() - began) * aSecond / 1000) + 1)
      while (sent.length < due) sent.push(this.#one())
      await new Promise(resolve => { setTimeout(resolve, 1) })
    }
    await Promise.all(sent)
  }

  async #one (): Promise<void> {
    const { requests, follows } = this.#job
    const index = this.#asked++
    const request = requests[index % requests.length]!
    const sentAt = performance.now()
    try {
      const answer = await ask(this.#pool, request)
      const last = follows && answer.status === 307 ? await ask(this.#pool, this.#second(request, answer)) : answer
      this.#answered++
      this.#judge(index, last)
      if (index < this.#warming) return
      this.#firstMs.push(last.firstAt - sentAt)
      this.#wholeMs.push(last.endedAt - sentAt)
    } catch (error) {
      this.#faults.add(String(error))
    }
  }

  #second (request: LoadRequest, { location }: Answer): LoadRequest {
    const { pathname, search } = new URL(location)
    return { ...request, path: `${pathname}${search}` }
  }

  #judge (index: number, { status, parts }: Answer): void {
    const { status: wanted, says } = this.#job
    const end = parts.at(-1)?.toString().trimEnd() ?? ''
    const isWhole = says === null || end.endsWith('}') || end.endsWith('[DONE]')
    if (status !== wanted) this.#faults.add(`status ${status}: ${Buffer.concat(parts).toString().slice(0, 300)}`)
    else if (!isWhole) this.#faults.add(`an answer ended with ${end.slice(-100)}`)
    else if (index % readEvery === 0) this.#kept.push({ index, parts })
  }

  /** Once the clock has stopped. */
  #read (): void {
    const { says } = this.#job
    if (says === null) return
    for (const { index, parts } of this.#kept) {
      const text = textOf(parts)
      if (text !== says[index % says.length]) this.#faults.add(`an answer said ${text.slice(0, 200)}`)
    }
  }
}

process.on('message', (job: LoadJob) => {
  new Run(job).run().then(
    outcome => { process.send?.(outcome) },
    (error: unknown) => { throw error }
  )
})
process.once('disconnect', () => process.exit(0))
