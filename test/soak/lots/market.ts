// A market of simulated time with both stages and the sinks in this process, in which many lots are bought and expire.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectClickHouse, type ClickHouse } from '../../../analytics/client.ts'
import { migrate } from '../../../analytics/migrate.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { matching } from '../../../pipelines/matching/stage.ts'
import { openContext, type Context } from '../../../pipelines/process/context.ts'
import { runStage } from '../../../pipelines/process/run-stage.ts'
import { provide } from '../../../pipelines/provide.ts'
import { writeCommandTag } from '../../../pipelines/runtime/command.ts'
import { readConfig } from '../../../pipelines/runtime/config.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import { runSinks } from '../../../pipelines/sinks/run-sinks.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'
import type { LedgerCommand, SubmitOrder } from '../../../schemas/ledger/commands.ts'
import { topicOf, topics } from '../../../schemas/topics.ts'
import {
  holderId, instant, microdollars, ownerId, partitionOfHolder, units, type HolderId, type Instant, type Side
} from '../../../schemas/units.ts'

export type OfHolder = LedgerCommand & { readonly holder: HolderId }

const { instrumentId } = instrumentBySymbol('text-prime')!
const price = microdollars(100_900)
const seller = holderId(1)
const validMs = 45_000

export class LotMarket {
  readonly context: Context
  readonly clickHouse: ClickHouse
  now: Instant
  readonly #close: () => Promise<void>

  private constructor (parts: { context: Context, clickHouse: ClickHouse, now: Instant, close: () => Promise<void> }) {
    this.context = parts.context
    this.clickHouse = parts.clickHouse
    this.now = parts.now
    this.#close = parts.close
  }

  static async start (env: Readonly<Record<string, string>>, at: Instant): Promise<LotMarket> {
    const context = await openContext(readConfig(env), 'test', error => { throw error as Error })
    await provide(context, { isSimulated: true, at })
    await migrate(context.config.clickhouse)
    const clickHouse = connectClickHouse(context.config.clickhouse)
    const stages = [runStage(context, matching(), { leads: true }), runStage(context, ledger(), { leads: true })]
    for (const stage of stages) await stage.warm()
    for (const stage of stages) await stage.join()
    const sinks = await runSinks({
      ...context,
      clickhouse: clickHouse,
      read: value => context.binder.read(value),
      encode: value => context.binder.current.encode(value),
      report: () => {}
    })
    const close = async (): Promise<void> => {
      await sinks.close()
      await Promise.all(stages.map(stage => stage.close()))
      await clickHouse.close()
      await context.log.close()
    }
    return new LotMarket({ context, clickHouse, now: at, close })
  }

  close (): Promise<void> {
    return this.#close()
  }

  /** Time passes, in every partition that a stage reads. */
  async pass (at: Instant): Promise<void> {
    const { binder, log, topic } = this.context
    this.now = at
    const value = binder.current.encode({ kind: 'clock', sentAt: at, sender: 'test' } as Named)
    await log.send([topics.ledger, topics.orders].flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) =>
        ({ topic: topic(name), partition, key: null, value, headers: {}, timestamp: at }))))
  }

  async tell (commands: readonly OfHolder[]): Promise<void> {
    const { binder, log, topic } = this.context
    await log.send(commands.map((command): Outgoing => ({
      topic: topic(topics.ledger.name),
      partition: partitionOfHolder(command.holder, topicOf(topics.ledger.name).partitions),
      key: String(command.holder),
      value: binder.current.encode(command),
      headers: { command: writeCommandTag({ id: randomUUID(), validUntil: instant(this.now + validMs) }) },
      timestamp: this.now
    })))
  }

  async only (sql: string): Promise<number> {
    const [row] = await this.clickHouse.rows<{ found: string | number }>(sql)
    return Number(row?.found)
  }

  /** Resolves once ClickHouse answers with as much. */
  async until (sql: string, expected: number, patienceMs = 120_000): Promise<void> {
    const end = performance.now() + patienceMs
    for (;;) {
      const found = await this.only(sql)
      if (found === expected) return
      if (performance.now() > end) throw new Error(`${sql}: ${found} and not ${expected} after ${patienceMs / 1000} s`)
      await sleep(100)
    }
  }

  /** So many buyers buy so many units each, one at a time, of one seller: each is a tranche, to be a lot. */
  async buy (buyers: number, each: number): Promise<void> {
    const all = Array.from({ length: buyers }, (_, index) => holderId(2 + index))
    const quantity = units(buyers * each)
    await this.tell([
      ...[seller, ...all].map((holder): OfHolder =>
        ({ kind: 'set-holder', holder, owner: ownerId(holder), isIssuer: holder === seller, isSuspended: false })),
      ...all.map((holder): OfHolder =>
        ({ kind: 'deposit', holder, amount: microdollars(each * 1_000_000), isGrant: false, reference: 'opening' })),
      { kind: 'issue-supply', holder: seller, instrumentId, quantity, reference: 'issued' },
      { kind: 'transfer-issued', holder: seller, instrumentId, quantity, reference: 'moved' },
      this.#order(seller, 'sell', quantity)
    ])
    await this.until("SELECT count() AS found FROM orders WHERE status = 'resting'", 1)
    for (let round = 0; round < each; round++) await this.tell(all.map(holder => this.#order(holder, 'buy', units(1))))
    await this.until("SELECT count() AS found FROM own_trades WHERE side = 'buy'", buyers * each)
  }

  #order (holder: HolderId, side: Side, quantity: ReturnType<typeof units>): SubmitOrder {
    return {
      kind: 'submit-order',
      holder,
      instrumentId,
      side,
      type: 'limit',
      timeInForce: side === 'buy' ? 'ioc' : 'gtc',
      postOnly: false,
      reduceOnly: false,
      price,
      stopPrice: null,
      quantity,
      notional: null,
      expiresAt: null,
      oco: null,
      clientOrderId: null,
      content: '',
      selfTradePrevention: 'cancel_newest',
      autoTransfer: false,
      bookSequence: null,
      submittedAt: this.now,
      commandId: randomUUID()
    }
  }
}
