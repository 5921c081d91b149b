// pipelines/README.md shows the dataflow and the topics; both are made here from the tables that the code runs on.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as kinds from '../../pipelines/sinks/kinds.ts'
import { sinkNames } from '../../pipelines/sinks/run-sinks.ts'
import * as usageKinds from '../../pipelines/sinks/usage-kinds.ts'
import { mirrors, stages, told, topology, trimmed } from '../../pipelines/topology.ts'
import { topicOf, topicTable, type Topic } from '../../schemas/topics.ts'

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = file('pipelines/README.md')
type Drawn = { readonly name: string, readonly reads: string, readonly table: { readonly name: string } }
const sinks = [kinds, usageKinds].flatMap(each => Object.values(each)) as unknown as readonly Drawn[]
const dayMs = 24 * 60 * 60 * 1000

const withPartitions = (name: string): string => `${name} (${topicOf(name).partitions})`

function diagram (): string {
  const line = (from: string, by: string, to: string): string => `${from.padEnd(14)} ──▶ ${by.padEnd(21)} ──▶ ${to}`
  const ofRuntime = ['snapshots', 'dead-letters']
  const flow = topology.map(({ stage, reads, writes }) => {
    const own = writes.filter(name => !ofRuntime.includes(name))
    return line(withPartitions(reads), stage.toUpperCase(), own.map(withPartitions).join(', '))
  })
  const runtime = line('', 'EACH STAGE', ofRuntime.map(withPartitions).join(', '))
  const edge = line('operators', mirrors.map(withPartitions).join(', '), 'everybody at the edge')
  const ends = [...Map.groupBy(sinks, ({ name }) => name)].map(([name, kinds]) =>
    line(kinds[0]!.reads, name, kinds.map(({ table }) => table.name).join(', ')))
  return [...flow, runtime, edge, ...ends].join('\n')
}

const kept = ({ name, cleanup, retentionMs }: Topic): string => {
  if (cleanup === 'compact') return 'last of each key'
  if (retentionMs !== -1) return retentionMs === dayMs ? 'a day' : `${retentionMs / dayMs} days`
  return trimmed.some(({ reads }) => reads === name) ? 'until trimmed' : 'for ever'
}

function table (): string {
  const rows = topicTable.map(topic =>
    [`\`${topic.name}\``, topic.key, topic.records.join(', ') || 'bytes', String(topic.partitions), kept(topic), topic.why])
  return [['topic', 'key → partition', 'records', 'n', 'kept', 'why'], Array.from({ length: 6 }, () => '---'), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

describe('the README of the pipelines', () => {
  test('draws the dataflow as it is', () => {
    expect(readme).toContain(`\`\`\`\n${diagram()}\n\`\`\``)
  })

  test('has the table of topics as it is', () => {
    expect(readme).toContain(table())
  })

  test('names each role that a process can be told to run', () => {
    const roles = [...file('pipelines/main.ts').matchAll(/^ {2}([a-z-]+): (?:async )?context => \{$/gm)].map(match => match[1]!)
    expect(roles.length).toBeGreaterThan(3)
    expect([...readme.matchAll(/^\| `([a-z-]+)` \| (?:no|yes)/gm)].map(match => match[1])).toEqual(roles)
  })
})

describe('the topology', () => {
  test('has stages that read one topic each, and nobody else reads it', () => {
    const reads = topology.map(flow => flow.reads)
    expect(new Set(reads).size).toBe(reads.length)
    // The ledger's partitions talk with each other: money goes from one holder to another.
    for (const { reads: topic, writes } of topology) expect(writes.includes(topic)).toBe(topic === 'ledger')
  })

  test('says of each stage what the stage says of itself, and what the runtime writes for it', () => {
    expect(topology).toEqual(stages.map(({ name, reads, writes }) =>
      ({ stage: name, reads, writes: [...writes, 'snapshots', 'dead-letters'] })))
  })

  test('leaves no topic that nobody writes or reads', () => {
    const used = new Set([...mirrors, ...told, ...topology.flatMap(({ reads, writes }) => [reads, ...writes])])
    expect(topicTable.map(({ name }) => name).filter(name => !used.has(name))).toEqual([])
    for (const { reads } of sinks) expect(used).toContain(reads)
  })

  test('has the sinks that are run', () => {
    expect([...new Set(sinks.map(({ name }) => name))].sort()).toEqual([...sinkNames].sort())
  })
})
