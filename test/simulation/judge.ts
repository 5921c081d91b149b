// The judge: replays every partition from zero, by itself, and holds what the processes did against it.

import { Machine, type Output } from '../../pipelines/runtime/machine.ts'
import { readOrigin } from '../../pipelines/runtime/origin.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { bank, binder, carries, market, type Bank, type Market } from './stages.ts'
import { slackMs, stages, type World } from './world.ts'

type Expected = { outputs: Map<string, Output[]>, machines: Map<string, Machine<unknown, Named, Named>> }

function replay (world: World): Expected {
  const outputs = new Map<string, Output[]>()
  const machines = new Map<string, Machine<unknown, Named, Named>>()
  for (const stage of stages) {
    world.broker.partitionsOf(stage.reads).forEach(({ archive }, partition) => {
      const machine = new Machine({
        stage,
        topic: stage.reads,
        partition,
        binder,
        carries: carries[stage.reads as 'bank' | 'market'],
        deadLetters: () => ({ topic: 'letters', partition: 0 })
      })
      const emitted: Output[] = []
      for (const record of archive) machine.apply(record, emitted)
      machines.set(machine.source, machine)
      outputs.set(machine.source, emitted)
    })
  }
  return { outputs, machines }
}

/** What was emitted is what a replay emits: each once for its readers, none missing, none else. */
function compareOutputs (world: World, { outputs }: Expected, faults: string[]): void {
  const written = new Map<string, string>()
  for (const topic of ['bank', 'market', 'entries', 'letters']) {
    world.broker.partitionsOf(topic).forEach(({ archive }, partition) => {
      const last = new Map<string, number>()
      for (const { headers, value } of archive) {
        const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
        if (origin === null) continue
        const before = last.get(origin.source) ?? 0
        if (origin.sequence > before + 1) faults.push(`gap in ${topic}/${partition} from ${origin.source}`)
        last.set(origin.source, Math.max(before, origin.sequence))
        const name = `${topic} ${partition} ${origin.source} ${origin.sequence}`
        const text = `${origin.offset} ${origin.index} ${String(value)}`
        if ((written.get(name) ?? text) !== text) faults.push(`two records are ${name}`)
        written.set(name, text)
      }
    })
  }
  for (const [source, list] of outputs) {
    for (const { topic, partition, sequence, offset, index, value, binding } of list) {
      const name = `${topic} ${partition} ${source} ${sequence}`
      const text = `${offset} ${index} ${String(binding.encode(value))}`
      if (written.get(name) !== text) faults.push(`${name} is ${written.has(name) ? 'another' : 'missing'}`)
      written.delete(name)
    }
  }
  for (const name of written.keys()) faults.push(`nothing should have emitted ${name}`)
}

function compareStates (world: World, { machines }: Expected, faults: string[]): void {
  for (const process of world.processes.values()) {
    if (!process.life.alive) continue
    for (const { machine } of process.replicas) {
      const expected = machines.get(machine.source)!
      if (machine.next !== expected.next) faults.push(`process ${process.id} stands at ${machine.next} of ${expected.next} in ${machine.source}`)
      else if (machine.hash() !== expected.hash()) faults.push(`process ${process.id} has another state of ${machine.source}`)
    }
  }
  for (const stage of stages) {
    world.broker.partitionsOf(stage.reads).forEach(({ archive }, partition) => {
      const committed = world.broker.offsets(stage.name).get(partition)
      if (committed !== archive.length) faults.push(`${stage.name} ${partition} is committed to ${committed ?? 'nothing'} of ${archive.length}`)
    })
  }
}

/** Money is what was put in, once a command; nothing depends on the machine being right about itself. */
function countMoney (world: World, { machines }: Expected, faults: string[]): void {
  const banks = world.broker.partitionsOf('bank').map((_, index) => machines.get(`${bank.name} bank ${index}`)!.state as Bank)
  const held = banks.flatMap(({ held }) => Object.values(held)).reduce((sum, amount) => sum + amount, 0)
  const free = banks.flatMap(({ balances }) => Object.values(balances)).reduce((sum, amount) => sum + amount, 0)
  const waiting = (machines.get(`${market.name} market 0`)!.state as Market).waiting
  const offered = waiting.reduce((sum, { amount }) => sum + amount, 0)
  let deposited = 0
  for (const { effects } of banks) {
    for (const [tag, times] of Object.entries(effects)) {
      if (times > 1) faults.push(`command ${tag} took effect ${times} times`)
      deposited += world.deposits.get(tag) ?? 0
    }
  }
  if (held !== offered) faults.push(`${held} is held, ${offered} is offered`)
  if (held + free !== deposited) faults.push(`${held + free} is there, ${deposited} was put in`)
}

/** No command takes effect that reached the log after its time; clients were told so. */
function checkLate (world: World, { machines }: Expected, faults: string[]): void {
  world.broker.partitionsOf('bank').forEach(({ archive, truth }, partition) => {
    const { effects } = machines.get(`${bank.name} bank ${partition}`)!.state as Bank
    const firsts = new Map<string, number>()
    archive.forEach(({ headers, value }, offset) => {
      const tag = /"tag":"(c\d+)"/.exec(String(value))?.[1]
      if (tag === undefined || headers.command === undefined || firsts.has(tag)) return
      firsts.set(tag, truth[offset]! - Number(headers.command.toString().split(' ')[0]))
    })
    // Stage time may trail true time by a clock's interval and what a wrong clock holds back.
    for (const [tag, lateMs] of firsts) {
      if (lateMs > slackMs && tag in effects) faults.push(`command ${tag} took effect ${lateMs} ms late`)
    }
  })
}

export function judge (world: World): string[] {
  const faults = [...world.witness.faults]
  for (const { process, error } of world.witness.stops) faults.push(`process ${process} stopped: ${String(error)}`)
  try {
    const expected = replay(world)
    compareOutputs(world, expected, faults)
    compareStates(world, expected, faults)
    countMoney(world, expected, faults)
    checkLate(world, expected, faults)
  } catch (error) {
    faults.push(`the replay from zero failed: ${String(error)}`)
  }
  return faults
}
