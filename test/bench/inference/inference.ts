// Inference through the gateway beside other gateways: one upstream, one generator of load, in one run. The gateway
// under test has a core to itself, everything else has the rest: the upstream, the load, Kafka, the stages.

import { readToEnd } from '../../../pipelines/runtime/read.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import { topics } from '../../../schemas/topics.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions } from '../bench.ts'
import { quantile } from '../paced.ts'
import { ProcessorTime } from '../processor-time.ts'
import { rawHop } from '../raw-hop.ts'
import type { BenchRow } from '../row.ts'
import { inWorld, type World } from '../world.ts'
import { alone, bare, Load, other, ours, startBare, startUpstream, type Arm } from './arms.ts'
import { answersOf, answerTokens, kinds, servedModel } from './asked.ts'
import { coresOf, family, pin } from './cores.ts'
import { startMarket } from './market.ts'
import { rates, times, type Measuring } from './measuring.ts'
import { install, litellmVersion, othersFolder, portkeyVersion, startOthers } from './others.ts'
import { addedRows, rateRows, row, type Told } from './rows.ts'

const steady = { aSecond: 50, seconds: 5, firstTokenMs: 50 }
const supplierASecond = 100
const hops = 4

type Arms = {
  /** The upstream alone first. */
  readonly whole: readonly Arm[]
  readonly hop: Arm
  readonly supplier: Arm
}

export async function inference (options: BenchOptions): Promise<BenchRow[]> {
  const { small: isSmall, progress } = options
  const cores = isSmall ? null : coresOf()
  const folder = othersFolder()
  if (!isSmall) await install(folder, progress)
  if (cores !== null) for (const pid of family()) pin(pid, cores.rest)
  const upstream = await startUpstream()
  const proxy = await startBare(upstream.url)
  const others = isSmall ? [] : await startOthers(folder, { upstream: upstream.url, model: servedModel, say: progress })
  const load = new Load()
  try {
    return await inWorld(options, {}, async world => {
      const gateway = await startMarket(world, { dir: options.dir, upstream: upstream.url })
      const arms: Arms = {
        whole: [
          alone(upstream.url), bare(proxy), ...others.map(other),
          ours(gateway, { name: 'direct', delivery: 'direct', isWhole: true }),
          ours(gateway, { name: 'redirect', delivery: 'redirect', isWhole: true })
        ],
        hop: ours(gateway, { name: 'hop 1', delivery: 'redirect', isWhole: false }),
        supplier: ours(gateway, { name: 'supplier', delivery: 'supplier', isWhole: false })
      }
      if (cores !== null) for (const { pid } of arms.whole) if (pid !== null) pin(pid, cores.tested)
      const idle = await idleOf(gateway.pid)
      const where = cores === null ? 'all processes on any core' : 'the gateway on a core of its own, all else on the rest'
      const told = { isSmall, conditions: `${answerTokens} tokens an answer; ${where}; idle, ours uses ${idle} % of a core` }
      const m: Measuring = { load, isSmall, progress, says: answers(upstream.url), billed: 0 }
      return await measured(world, { m, arms, told })
    })
  } finally {
    load.close()
    proxy.child.disconnect()
    for (const { child } of [upstream, ...others]) child.kill()
  }
}

/** Asked for once. */
function answers (upstream: string): Measuring['says'] {
  const known = new Map<string, Promise<readonly string[]>>()
  return (kind, firstTokenMs = 0) => {
    const name = `${kind} ${firstTokenMs}`
    const found = known.get(name) ?? answersOf(upstream, { kind, firstTokenMs })
    known.set(name, found)
    return found
  }
}

/** Replicas and clocks go on while nobody asks for anything. */
async function idleOf (pid: number): Promise<number> {
  const ms = 2000
  const time = new ProcessorTime(new Map([['gateway', pid]]))
  await sleep(ms)
  return Math.round((time.shares()[0]?.seconds ?? 0) * 1000 / ms * 100)
}

type Run = { readonly m: Measuring, readonly arms: Arms, readonly told: Told }

async function measured (world: World, run: Run): Promise<BenchRow[]> {
  const { m, arms: { whole }, told } = run
  const gateways = whole.filter(({ pid }) => pid !== null)
  const rows: BenchRow[] = []
  const versions = m.isSmall ? '' : `; Portkey ${portkeyVersion}, LiteLLM ${litellmVersion}`
  const beside = { ...told, conditions: told.conditions + versions }
  for (const kind of kinds) rows.push(...rateRows(kind, await rates(m, gateways, kind), beside))
  for (const kind of ['json', 'sse'] as const) {
    const taken = await times(m, whole, { kind, ...steady })
    const pace = `at ${steady.aSecond}/s, the upstream's first token after ${steady.firstTokenMs} ms`
    const conditions = `${pace}; ${told.conditions}`
    rows.push(...addedRows(kind, taken, { ...told, conditions }))
  }
  await assertBilled(world, m.billed)
  // Last, because what was redirected and never comes back is given back while others would be measured.
  rows.push(...await redirectRows(run), await supplierRow(world, run))
  return rows
}

async function redirectRows ({ m, arms: { hop }, told }: Run): Promise<BenchRow[]> {
  const { aSecond, cpuUs } = (await rates(m, [hop], 'json')).get(hop.name)!
  const half = m.isSmall ? 50 : Math.round(aSecond / 2)
  const { p50, p99, count } = (await times(m, [hop], { kind: 'json', aSecond: half, seconds: 1 })).get(hop.name)!
  const found = `at half of ${Math.round(aSecond)}/s, ${count} of them, p99 ${p99.toFixed(2)} ms`
  const conditions = `${found}; ${Math.round(cpuUs)} µs of processor time each; ${told.conditions}`
  return [row({
    name: '307 of a redirect, p50', unit: 'ms', value: p50, beside: 'the goal', besideValue: 1, ratio: 1 / p50, goal: 1
  }, { ...told, conditions })]
}

/** Beside a raw hop at the same rate, in turns. */
async function supplierRow (world: World, { m, arms: { supplier }, told }: Run): Promise<BenchRow> {
  const { aSecond, cpuUs } = (await rates(m, [supplier], 'json')).get(supplier.name)!
  const hop = await rawHop(world, supplierASecond)
  await hop.run(supplierASecond)
  const raw: number[] = []
  const taken: number[] = []
  for (let turn = 0; turn < (m.isSmall ? 1 : 4); turn++) {
    raw.push(...await hop.run(supplierASecond * (m.isSmall ? 1 : 3)))
    const found = await times({ ...m, isSmall: true }, [supplier], { kind: 'json', aSecond: supplierASecond, seconds: 1 })
    taken.push(found.get(supplier.name)!.p50)
  }
  await hop.close()
  const [value, besideValue] = [quantile(taken, 0.5), quantile(raw, 0.5)]
  const most = `at most ${Math.round(aSecond)}/s, ${Math.round(cpuUs)} µs of processor time each`
  const conditions = `ratio: ${hops} hops / ours; ${supplierASecond} a second, in turns; ${most}; ${told.conditions}`
  const ratio = hops * besideValue / value
  return row({
    name: "307 to a supplier's edge, p50", unit: 'ms', value, beside: 'one raw hop, p50', besideValue, ratio, goal: 1
  }, { ...told, conditions })
}

const patienceMs = 30_000

/** Metering is part of what was measured: each answer is in the ledger's journal, once. */
async function assertBilled ({ context: { log, topic, binder } }: World, answered: number): Promise<void> {
  const { name, partitions } = topics.ledgerEntries
  for (const until = performance.now() + patienceMs; ;) {
    const billed: string[] = []
    for (let partition = 0; partition < partitions; partition++) {
      await readToEnd(log, { topic: topic(name), partition }, ({ value }) => {
        const { usage } = binder.current.decode(value) as JournalEntry
        if (usage !== null && usage.billed > 0) billed.push(usage.requestId)
      })
    }
    if (billed.length === answered && new Set(billed).size === answered) return
    if (billed.length > answered || performance.now() > until) {
      throw new Error(`${answered} requests were answered, ${new Set(billed).size} were billed, ${billed.length} times`)
    }
    await sleep(500)
  }
}
