// A whole market in one process: the product's stages, their machines and its gateway, around a log that is an array.
// What is not here is what lies outside it: a broker, a database, and time that passes by itself.

import pino from 'pino'
import { Registry } from 'prom-client'
import { bookPort } from '../../gateway/adapters/books.ts'
import { identityPort } from '../../gateway/adapters/identities.ts'
import { LedgerCommands } from '../../gateway/adapters/ledger-commands.ts'
import { ledgerPort, witness } from '../../gateway/adapters/ledger.ts'
import type { Ports } from '../../gateway/ports.ts'
import { Directory } from '../../pipelines/identities/directory.ts'
import { ledger } from '../../pipelines/ledger/stage.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { activateVersionHeader, writeActivateVersion } from '../../pipelines/runtime/control.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { LogRecord, Outgoing } from '../../pipelines/runtime/log.ts'
import { Machine, type Binder, type Fate, type Output } from '../../pipelines/runtime/machine.ts'
import { writeOrigin } from '../../pipelines/runtime/origin.ts'
import type { Named, Stage } from '../../pipelines/runtime/stage.ts'
import { instruments, setParameters } from '../../schemas/instruments.ts'
import { identityKey, type Identity } from '../../schemas/identity/records.ts'
import type { LedgerCommand, ListInstrument } from '../../schemas/ledger/commands.ts'
import { Codec, type AcceptedSchema } from '../../schemas/codec.ts'
import { schemaSet } from '../../schemas/schema-set.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import { KnownIdentities } from '../gateway/settings/known-identities.ts'
import { suppliersAtOnce } from '../gateway/suppliers/at-once.ts'
import { Tables } from './tables.ts'

const codec = new Codec()
const listing: AcceptedSchema[] = schemaSet.map(({ name, fingerprint }, id) => ({ name, fingerprint, id }))
const current = codec.bind(listing)
const binder: Binder = { bind: accepted => codec.bind(accepted), unknown: () => [], current }
const encode = (value: Named): Buffer => current.encode(value)

type AnyMachine<State = unknown> = Machine<State, Named, Named>

/** A partition of a stage: its log, and the one machine that reads it. */
class Partition<State> {
  readonly machine: AnyMachine<State>
  readonly #log: LogRecord[] = []
  /** What is told of each record that was applied. */
  witness: (applied: { fate: Fate, record: LogRecord, outputs: readonly Output[] }) => void = () => {}

  constructor (stage: Stage<State, Named, Named>, partition: number) {
    const deadLetters = () => ({ topic: topics.deadLetters.name, partition: 0 })
    this.machine = new Machine({ stage, topic: stage.reads, partition, binder, deadLetters })
  }

  append (record: Pick<LogRecord, 'value' | 'headers' | 'timestamp'>): void {
    this.#log.push({ ...record, offset: this.#log.length, key: null })
  }

  get isBehind (): boolean {
    return this.machine.next < this.#log.length
  }

  step (): readonly Output[] {
    const record = this.#log[this.machine.next]!
    const outputs: Output[] = []
    const fate = this.machine.apply(record, outputs)
    this.witness({ fate, record, outputs })
    return outputs
  }
}

const now = (): Instant => instant(Date.now())
const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

export class MemoryMarket {
  readonly directory = new Directory()
  readonly tables = new Tables()
  readonly ports: Ports
  readonly #ledgers: ReadonlyArray<Partition<ReturnType<ReturnType<typeof ledger>['initial']>>>
  readonly #books: ReadonlyArray<Partition<ReturnType<ReturnType<typeof matching>['initial']>>>
  readonly #commands: LedgerCommands
  #sent = 0

  constructor () {
    this.#ledgers = all(topics.ledger.partitions).map(partition => new Partition(ledger() as never, partition))
    this.#books = all(instruments.length).map(partition => new Partition(matching() as never, partition))
    this.#commands = new LedgerCommands({
      log: { send: async records => { this.#send(records); await Promise.resolve() } },
      topic: topics.ledger.name,
      encode: command => encode(command),
      decode: value => binder.current.decode(value),
      now
    })
    const seen = witness(this.#commands, topics.ledger.name)
    for (const [index, partition] of this.#ledgers.entries()) {
      const { machine } = partition
      partition.witness = applied => { seen({ ...applied, partition: index, machine } as never) }
    }
    this.#open()
    this.ports = this.#portsOf()
  }

  /** Every partition at its newest version, with all instruments listed. */
  #open (): void {
    for (const [stage, partitions] of [[ledger(), this.#ledgers], [matching(), this.#books]] as const) {
      const value = writeActivateVersion({ kind: 'activate-version', version: stage.version, schemas: listing }, 0)
      const headers = { control: activateVersionHeader }
      for (const partition of partitions) partition.append({ value, headers, timestamp: now() })
    }
    this.#tick()
    for (const instrument of instruments) {
      if (instrument.listing === 'listed') this.#tell(this.#books[instrument.index]!, setParameters(instrument))
      const { index, instrumentId, trading: { referencePrice } } = instrument
      const command: ListInstrument = { kind: 'list-instrument', instrumentId, index, referencePrice }
      for (const partition of this.#ledgers) this.#tell(partition, command)
    }
    this.#run()
  }

  #portsOf (): Ports {
    const parts = {
      stage: 'matching', topic: topics.orders.name, partitions: all(this.#books.length), end: (partition: number) => this.#books[partition]?.machine.next
    }
    const log = pino({ level: 'silent' })
    return {
      books: bookPort({ ...parts, replica: partition => this.#books[partition]?.machine }),
      ledger: ledgerPort({
        commands: this.#commands,
        replica: partition => this.#ledgers[partition]!.machine,
        partitions: this.#ledgers.length,
        topic: topics.ledger.name,
        now: () => this.#ledgers[0]!.machine.now
      }),
      identities: identityPort(this.directory, log),
      settings: new KnownIdentities({ directory: this.directory, now }).port,
      usage: { report: async () => Promise.resolve() },
      suppliers: suppliersAtOnce(() => this.#ledgers[0]!.machine.now).suppliers.port,
      requestIds: { holderOf: () => null },
      accountHistory: this.tables,
      orderHistory: this.tables,
      history: this.tables,
      health: { checks: () => [{ name: 'log', status: 'ok', code: 'connected', detail: 'It is an array.' }] },
      metrics: new Registry(),
      log,
      now,
      elapsedMs: () => performance.now(),
      rateLimit: { requests: 1_000_000, windowMs: 60_000 },
      orderRate: { perSecond: 1_000_000, perMinute: 1_000_000, burst: 1 },
      isBehindProxy: false
    }
  }

  identify (identity: Identity): void {
    this.directory.apply(identityKey(identity), identity)
  }

  /** A command of an operator's. */
  command (command: LedgerCommand & { readonly holder: HolderId }): void {
    this.#tick()
    this.#tell(this.#ledgers[partitionOfHolder(command.holder, this.#ledgers.length)]!, command)
    this.#run()
  }

  close (): void {
    this.#commands.close()
  }

  #tell (partition: Partition<unknown>, command: Named): void {
    const tag = { id: `own-${++this.#sent}`, validUntil: instant(now() + 10_000) }
    partition.append({ value: encode(command), headers: { command: writeCommandTag(tag) }, timestamp: now() })
  }

  /** Time passes when something happens. */
  #tick (): void {
    const value = encode({ kind: 'clock', sentAt: now(), sender: 'test' } as Named)
    const timestamp = now()
    for (const partition of [...this.#ledgers, ...this.#books]) partition.append({ value, headers: {}, timestamp })
  }

  #send (records: readonly Outgoing[]): void {
    this.#tick()
    for (const { partition, value, headers } of records) {
      this.#ledgers[partition]!.append({ value, headers, timestamp: now() })
    }
    this.#run()
  }

  /** Until nothing is left to be done. */
  #run (): void {
    const partitions: ReadonlyArray<Partition<unknown>> = [...this.#ledgers, ...this.#books]
    for (let isBusy = true; isBusy;) {
      isBusy = false
      for (const partition of partitions) {
        for (; partition.isBehind; isBusy = true) {
          for (const output of partition.step()) this.#deliver(partition.machine.source, output)
        }
      }
    }
  }

  #deliver (source: string, { topic, partition, offset, index, sequence, value, at }: Output): void {
    const readers: ReadonlyArray<Partition<unknown>> | null =
      topic === topics.ledger.name ? this.#ledgers : topic === topics.orders.name ? this.#books : null
    const headers = { origin: writeOrigin({ source, offset, index, sequence }) }
    if (readers === null) this.tables.take(value, at)
    else readers[partition]!.append({ value: encode(value), headers, timestamp: at })
  }
}
