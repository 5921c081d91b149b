// Many clients at once, each with one request: they do what SDKs do. What may go well later is asked again; what can't
// is taken as it is; an answer that was cut is not asked for again.

import { setTimeout as sleep } from 'node:timers/promises'

export type Fate =
  /** The whole answer came. */
  | { readonly kind: 'served', readonly requestId: string }
  /** 402: there were no tokens for it. */
  | { readonly kind: 'refused' }
  /** It had begun, and broke off, or ended with an error. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'failed', readonly why: string }

export type CrowdOptions = {
  readonly urls: readonly string[]
  readonly key: string
  readonly requests: number
  readonly body: (isStream: boolean) => string
  /** An answer of this gateway has begun, or has come to its end. */
  readonly begun: (gateway: number) => void
  readonly ended: (gateway: number, fate: Fate) => void
  readonly signal?: AbortSignal
}

const triesMax = 60
const againMs = 500

type Tried = Fate | 'again'

async function take (response: Response, begun: () => void): Promise<Tried> {
  const requestId = response.headers.get('x-grid-request-id') ?? ''
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (response.status === 200) {
    begun()
    const text = await response.text().catch(() => '')
    const isWhole = isStream ? text.endsWith('data: [DONE]\n\n') : text.includes('"usage"')
    return isWhole ? { kind: 'served', requestId } : { kind: 'cut' }
  }
  const text = await response.text().catch(() => '')
  if (response.status === 402) return { kind: 'refused' }
  // A ticket that was followed before the gateway was killed, and after: its client starts over.
  if ([408, 409, 429, 502, 503, 504].includes(response.status)) return 'again'
  return { kind: 'failed', why: `${response.status} ${text.slice(0, 200)}` }
}

async function one ({ urls, key, body, begun, ended, signal }: CrowdOptions, number: number): Promise<Fate> {
  const gateway = number % urls.length
  const isStream = number % 4 < 2
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'x-grid-delivery': number % 8 < 4 ? 'direct' : 'redirect'
  }
  for (let tries = 0; tries < triesMax; tries++) {
    signal?.throwIfAborted()
    const asking = fetch(`${urls[gateway]!}/v1/chat/completions`, { method: 'POST', headers, body: body(isStream) })
    // No head came: nothing is known of it but that nobody was answered.
    const response = await asking.catch(() => null)
    const tried = response === null ? 'again' : await take(response, () => { begun(gateway) })
    if (tried !== 'again') {
      ended(gateway, tried)
      return tried
    }
    await sleep(againMs)
  }
  return { kind: 'failed', why: `${triesMax} tries` }
}

export const crowd = (options: CrowdOptions): Promise<Fate[]> =>
  Promise.all(Array.from({ length: options.requests }, (_, number) => one(options, number)))
