// Consumption on the real parts of one gateway process, with what has to be started and stopped with it.

import { randomUUID } from 'node:crypto'
import type { ClickHouse } from '../../analytics/client.ts'
import { deliveredModels } from '../../analytics/delivered-models.ts'
import { requestHistory } from '../../analytics/request-history.ts'
import type { Directory } from '../../pipelines/identities/directory.ts'
import type { Context } from '../../pipelines/process/context.ts'
import { topics } from '../../schemas/topics.ts'
import { Abandoned } from '../consumption/abandoned.ts'
import { Redirected } from '../consumption/redirected.ts'
import { consumptionSettings, type Consumption, type ConsumptionSettings } from '../consumption/consumption.ts'
import { RecentItems } from '../consumption/recent-items.ts'
import { Live } from '../serving/live.ts'
import type { CreditPort } from '../consumption/ports.ts'
import { Shedding } from '../consumption/shedding.ts'
import { Strangers } from '../consumption/strangers.ts'
import type { IdentityWritePort, Ports } from '../ports.ts'
import type { AccountLimits } from '../limits/rates.ts'
import type { Upstreams } from '../suppliers/upstreams.ts'
import { requestIds } from '../tickets/request-id.ts'
import type { Secrets } from '../tickets/secrets.ts'
import { countTokens, loadTokenizer } from '../tokenizer/tokenizer.ts'
import { keysPort } from './consumption-keys.ts'
import { responseStore } from './kept-responses.ts'
import { leavings } from './leavings.ts'
import { modelsPort } from './delivered-models.ts'
import { pricesPort } from './prices.ts'
import { pooledRandom } from './random.ts'
import { countedRates } from './rates.ts'
import { countedLeavings, reportServing } from './serving-metrics.ts'
import { supplyPort } from './supply.ts'
import type { Suppliers } from './suppliers.ts'
import { TicketSigning } from './ticket-signing.ts'
import type { UsageRequests } from './usage-requests.ts'

export type ConsumeOptions = {
  readonly ports: Pick<Ports, 'books' | 'identities' | 'now' | 'elapsedMs'>
  readonly clickHouse: ClickHouse
  readonly directory: Directory
  readonly identities: IdentityWritePort
  readonly requests: UsageRequests
  readonly suppliers: Suppliers
  readonly upstreams: Upstreams
  readonly credit: CreditPort
  readonly secrets: Secrets
  readonly spoolFolder: string
  readonly limits: AccountLimits
  readonly settings: Partial<ConsumptionSettings>
  /** What the turns of this process may be late by before it refuses what is new. */
  readonly delayMsMax: number
}

export type Consuming = {
  readonly consumption: Consumption
  /** Lets what is under way come to its end, at most so long. */
  drain (graceMs: number): Promise<void>
  close (): Promise<void>
}

const tickMs = 1000

export async function consume (context: Context, options: ConsumeOptions): Promise<Consuming> {
  const { ports: { now, elapsedMs, books, identities }, directory, requests, suppliers, upstreams, secrets } = options
  const { log, topic, binder: { current }, logger } = context
  const warn = (about: object, text: string): void => { logger.warn(about, text) }
  const { routing } = suppliers
  await loadTokenizer()
  const rates = countedRates(options.limits)
  requests.onHeard(value => { rates.hear(value) })
  const left = leavings({
    log,
    usage: { topic: topic(topics.usage.name), partitions: topics.usage.partitions },
    requests: { topic: topic(topics.requests.name), partitions: topics.requests.partitions },
    encode: value => current.encode(value),
    folder: options.spoolFolder,
    now,
    jitter: Math.random,
    warn
  })
  const signing = await TicketSigning.open({
    directory,
    write: identity => options.identities.write(identity),
    remove: identity => options.identities.remove(identity),
    now,
    warn
  })
  const live = new Live()
  const shedding = new Shedding(options.delayMsMax)
  const abandoned = new Abandoned(requests, elapsedMs)
  const redirected = new Redirected({
    // Not counted: who answers counts it as well.
    settle: report => { left.settle({ reading: null, report }) },
    failed: ({ requestId }, error) => { warn({ requestId, error: String(error) }, 'how a request ended could not be kept') }
  })
  requests.onHeard(value => { redirected.hear(value) })
  const consumption: Consumption = {
    requests,
    keys: keysPort(directory, now),
    identities,
    supply: supplyPort({
      routing,
      upstreams,
      endpoints: () => suppliers.directory.endpoints(),
      elapsedMs,
      draw: Math.random
    }),
    leavings: countedLeavings(left, context.metrics),
    rates,
    credit: options.credit,
    prices: pricesPort(books),
    models: modelsPort({ fetched: since => deliveredModels(options.clickHouse, since), now, elapsedMs, warn }),
    receipts: requestHistory(options.clickHouse),
    responses: responseStore(options.clickHouse, { secrets, now }),
    recentItems: new RecentItems(elapsedMs),
    strangers: new Strangers(),
    signing,
    secrets,
    ids: requestIds(secrets),
    live,
    abandoned,
    redirected,
    shedding,
    settings: { ...consumptionSettings, ...options.settings },
    now,
    elapsedMs,
    random: pooledRandom(),
    countTokens,
    log: logger
  }
  reportServing(context.metrics, { live, spooled: () => left.pending, endpoints: () => routing.view(elapsedMs()) })
  const timer = setInterval(() => {
    const at = elapsedMs()
    live.tick(at)
    abandoned.tick(at)
    shedding.tick()
  }, tickMs)
  return {
    consumption,
    drain: graceMs => live.drain(graceMs),
    async close () {
      clearInterval(timer)
      shedding.close()
      signing.close()
      await left.close()
    }
  }
}

/** Names this process in the ids of what it sends. */
export const writerName = (): string => randomUUID().slice(0, 13).replace('-', '')
