// One simulated market: processes that host both stages, a gateway that only follows, two clocks, clients that repeat
// themselves, and what goes wrong. The code under test is the product's; only the broker and the network are made up.

import { schemaOf } from '../../schemas/schema-set.ts'
import type { Instant } from '../../schemas/units.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import { activateVersionHeader } from '../../pipelines/runtime/control.ts'
import { Host } from '../../pipelines/runtime/host.ts'
import { trim } from '../../pipelines/runtime/janitor.ts'
import type { Headers, Outgoing } from '../../pipelines/runtime/log.ts'
import { sourceOf } from '../../pipelines/runtime/origin.ts'
import { Replica } from '../../pipelines/runtime/replica.ts'
import { SnapshotStore } from '../../pipelines/runtime/snapshot.ts'
import type { Named, Stage } from '../../pipelines/runtime/stage.ts'
import { Stop } from '../../pipelines/runtime/stop.ts'
import { Broker } from './broker.ts'
import { Client, type Sabotage, type Weather } from './client.ts'
import { Scheduler, type Life } from './scheduler.ts'
import { bank, binder, carries, listing, market, sizes } from './stages.ts'

export const stages = [bank, market] as unknown as Stage<unknown, Named, Named>[]
export const snapshotEvery = 25
/** How far stage time may trail true time while clocks are wrong: a command this late must not take effect. */
export const slackMs = 12_000

/** What is seen as it happens, by someone who knows the true time; a fault is a sentence. */
export type Witness = {
  readonly faults: string[]
  readonly stops: { readonly process: number, readonly error: unknown }[]
  /** How often a sabotage has struck. */
  strikes: number
}

export class Process {
  readonly id: number
  readonly life: Life = { alive: true, frozenUntil: 0 }
  readonly client: Client
  readonly hosts: Host[] = []
  readonly replicas: Replica[] = []
  readonly isLeading: boolean

  constructor (id: number, world: World, options: { leads: boolean, sabotage?: Sabotage }) {
    this.id = id
    this.isLeading = options.leads
    const witness = (fault: string): void => { world.witness.faults.push(fault) }
    this.client = new Client(world.broker, this.life, world.weather, { ...options.sabotage, witness })
    for (const stage of stages) this.#host(world, stage, options.leads)
    this.#start(options.leads).catch((error: unknown) => { world.stopped(this, error) })
  }

  async #start (leads: boolean): Promise<void> {
    await Promise.all(this.hosts.map(host => host.warm()))
    if (leads) await Promise.all(this.hosts.map(host => host.join()))
  }

  #host (world: World, stage: Stage<unknown, Named, Named>, leads: boolean): void {
    const log = this.client
    const failed = (error: unknown): void => { world.stopped(this, error) }
    const replicas = Array.from({ length: sizes[stage.reads as 'bank' | 'market'] }, (_, partition) => {
      const place = { topic: 'snapshots', partition: stage.name === 'bank' ? partition : 2 }
      const source = sourceOf(stage.name, stage.reads, partition)
      const times = world.times(source)
      const replica: Replica = new Replica({
        log,
        stage,
        topic: stage.reads,
        partition,
        binder,
        carries: carries[stage.reads as 'bank' | 'market'],
        snapshots: new SnapshotStore(log, { ...place, source, writer: `p${this.id}`, chunkBytes: 400 }),
        hashEvery: snapshotEvery,
        keepsTail: leads,
        brokerName: name => name,
        deadLetters: () => ({ topic: 'letters', partition: 0 }),
        failed,
        observe: (_, record) => {
          const { now } = replica.machine
          const truth = world.broker.partition(stage.reads, partition).truth[record.offset]!
          const { faults } = world.witness
          if (replica.machine.version > stage.version) faults.push(`a version that is not known is on in ${source}`)
          if (now > truth + 3000) faults.push(`time ${now - truth} ms ahead in ${source}`)
          if ((times[record.offset] ?? now) !== now) faults.push(`two times at ${record.offset} in ${source}`)
          if (now < (times[record.offset - 1] ?? 0)) faults.push(`time went back in ${source}`)
          times[record.offset] = now
        }
      })
      return replica
    })
    this.replicas.push(...replicas)
    const snapshots = { topic: 'snapshots', partitionOf: (partition: number) => stage.name === 'bank' ? partition : 2 }
    const report = (): void => {}
    const place = { log, topic: stage.reads, group: stage.name, snapshots }
    this.hosts.push(new Host({ ...place, replicas, leads, report, failed, outputsASend: 3 }))
  }

  kill (): void {
    this.life.alive = false
  }

  async tidy (): Promise<void> {
    for (const replica of this.replicas) await trim(replica.options, { keepMs: 15_000, now: this.now() })
  }

  readonly now = (): Instant => this.replicas[0]!.machine.now
}

export class World {
  readonly scheduler: Scheduler
  readonly broker: Broker
  readonly weather: Weather
  readonly witness: Witness = { faults: [], stops: [], strikes: 0 }
  readonly processes = new Map<number, Process>()
  /** True money put in, by tag: each counts once. */
  readonly deposits = new Map<string, number>()
  sabotage: Sabotage = {}
  /** Nothing more comes from outside: what is left is to be worked off. */
  isOver = false
  #nextProcess = 0
  #nextTag = 0

  constructor (seed: number) {
    this.scheduler = new Scheduler(seed)
    this.broker = new Broker(this.scheduler, sizes)
    const { random } = this.scheduler
    const isRough = random.chance(0.6)
    this.weather = {
      rejectedSend: isRough ? 0.03 : 0,
      lostSend: 0.5,
      latency: 2 + random.below(10),
      failedCommit: isRough ? 0.1 : 0
    }
  }

  readonly #times = new Map<string, number[]>()

  /** Stage time by offset, as the first process to apply a record had it. */
  times (source: string): number[] {
    let times = this.#times.get(source)
    if (times === undefined) this.#times.set(source, times = [])
    return times
  }

  spawn (leads = true): Process {
    const process = new Process(++this.#nextProcess, this, { leads, sabotage: this.sabotage })
    this.processes.set(process.id, process)
    return process
  }

  stopped (process: Process, error: unknown): void {
    if (!process.life.alive) return
    process.kill()
    if (this.#isOutrun(process, error)) {
      process.client.evict()
      this.spawn()
      return
    }
    this.witness.stops.push({ process: process.id, error })
  }

  // Frozen for so long that what it reads next has been trimmed: it stops, rightly, and is started again.
  #isOutrun (process: Process, error: unknown): boolean {
    if (!(error instanceof Stop) || error.code !== 'log_gap') return false
    return process.replicas.some(({ machine, options: { topic, partition } }) =>
      machine.next < this.broker.partition(topic, partition).extent.start)
  }

  /** The setup's own records; it may run twice. */
  activate (version = 1): void {
    const schema = schemaOf('activate-version').type
    const value = Buffer.concat([Buffer.alloc(5), schema.toBuffer({ version, schemas: listing })])
    for (const { topic, partition } of this.inputs()) {
      this.append(topic, partition, value, { control: activateVersionHeader })
    }
  }

  inputs (): { topic: 'bank' | 'market', partition: number }[] {
    return [{ topic: 'bank', partition: 0 }, { topic: 'bank', partition: 1 }, { topic: 'market', partition: 0 }]
  }

  /** A clock process's round: one record to each partition. */
  tick (offBy = 0): void {
    const sentAt = this.scheduler.now + offBy
    const value = binder.current.encode({ kind: 'clock', sentAt } as Named)
    for (const { topic, partition } of this.inputs()) this.append(topic, partition, value, {})
  }

  /** A client's command: sent, perhaps repeated, perhaps late, perhaps both. */
  command (): void {
    const { random } = this.scheduler
    const tag = `c${++this.#nextTag}`
    const kind = random.chance(0.4) ? 'deposit' : 'offer'
    const amount = 1 + random.below(20)
    const value = binder.current.encode({ kind, account: `a${random.below(3)}`, amount, tag } as Named)
    const validUntil = this.scheduler.now + 4000 as Instant
    const headers = { command: writeCommandTag({ id: tag, validUntil }) }
    const partition = random.below(2)
    if (kind === 'deposit') this.deposits.set(tag, amount)
    const times = random.chance(0.2) ? 2 + random.below(2) : 1
    for (let time = 0; time < times; time++) {
      const delay = random.chance(0.05) ? random.below(20_000) : random.below(50)
      this.scheduler.after(delay, () => { this.append('bank', partition, value, headers) })
    }
  }

  garbage (): void {
    const { random } = this.scheduler
    const { topic, partition } = this.inputs()[random.below(3)]!
    const bytes = Buffer.from(Array.from({ length: random.below(30) }, () => random.below(256)))
    const gift = { kind: 'deposit', account: 'a0', amount: 1000 }
    const unlisted = Buffer.concat([Buffer.from([0, 0, 0, 0, 99]), Buffer.from(JSON.stringify(gift))])
    const anonymous = binder.current.encode(gift)
    // One of the kinds of the other topic, which the market would pair as if it were a quote.
    const stray = binder.current.encode({ ...gift, kind: topic === 'market' ? 'deposit' : 'quote', bank: 0 } as Named)
    const command = writeCommandTag({ id: `garbage${random.below(1e9)}`, validUntil: this.scheduler.now as Instant })
    const choices: [Buffer | null, Headers][] = [
      [bytes, {}],
      [null, {}],
      [bytes, { origin: bytes }],
      [bytes, { command }],
      [bytes, { control: activateVersionHeader }],
      [unlisted, { command }],
      [stray, { command }],
      [anonymous, {}],
      [anonymous, { command: bytes }],
      [anonymous, { origin: Buffer.from('who knows') }]
    ]
    const [value, headers] = choices[random.below(choices.length)]!
    this.append(topic, partition, value, headers)
  }

  /** Spoils a chunk of a newest set, one at a time: the set before it has to do. */
  spoil (): void {
    const { random } = this.scheduler
    const partition = random.below(sizes.snapshots)
    const { archive } = this.broker.partition('snapshots', partition)
    const written = archive.filter(({ value }) => value !== null).map(({ key }) => String(key))
    const manifests = written.filter(key => key.endsWith('/manifest'))
    const newest = manifests.at(-1)
    const spoilt = manifests.lastIndexOf(this.#spoilt.get(partition) ?? '')
    if (newest === undefined || manifests.length < 3 || spoilt > manifests.length - 4) return
    this.#spoilt.set(partition, newest)
    const key = newest.replace('manifest', '0')
    this.broker.append({ topic: 'snapshots', partition, key, value: Buffer.from('spoilt'), headers: {}, timestamp: 0 as Instant })
  }

  readonly #spoilt = new Map<number, string>()

  append (topic: string, partition: number, value: Buffer | null, headers: Headers): void {
    if (this.isOver) return
    const record: Outgoing = { topic, partition, key: null, value, headers, timestamp: 0 as Instant }
    this.broker.append(record)
  }
}
