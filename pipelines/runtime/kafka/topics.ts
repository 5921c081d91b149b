// Topics on a broker: made from the table where they are missing, compared with it where they are there.

import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { brokerName, topicTable, type Topic } from '../../../schemas/topics.ts'
import { Stop } from '../stop.ts'

export type TopicOptions = {
  readonly prefix: string
  readonly replicationFactor: number
  /** Records carry the sender's time, and nothing is deleted by age: for replays and tests. */
  readonly isSimulated: boolean
}

type Settings = Record<string, string>

function settingsOf (topic: Topic, { isSimulated, replicationFactor }: TopicOptions): Settings {
  const settings: Settings = {
    'cleanup.policy': topic.cleanup,
    'retention.ms': String(isSimulated ? -1 : topic.retentionMs),
    'message.timestamp.type': isSimulated ? 'CreateTime' : 'LogAppendTime',
    'min.insync.replicas': String(replicationFactor > 2 ? 2 : 1)
  }
  if (topic.cleanup === 'compact') {
    // Small segments and an early cleaner: what a restore reads stays short.
    Object.assign(settings, { 'segment.bytes': String(2 ** 24), 'min.cleanable.dirty.ratio': '0.1', 'delete.retention.ms': '60000' })
  }
  return settings
}

/** Makes what is missing. Throws `Stop` where what is there differs from the table in what must not differ. */
export async function provideTopics (kafka: Kafka, options: TopicOptions): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const missing = topicTable.filter(topic => !existing.has(brokerName(topic, options.prefix)))
    if (missing.length > 0) await create(admin, missing, options)
    await untilLed(admin, topicTable.map(topic => brokerName(topic, options.prefix)))
    await compare(admin, options)
  } finally {
    await admin.disconnect()
  }
}

async function create (admin: Admin, missing: readonly Topic[], options: TopicOptions): Promise<void> {
  const { replicationFactor } = options
  await admin.createTopics({
    // The library's own wait gives up on a topic that a broker has not heard of yet.
    waitForLeaders: false,
    topics: missing.map(topic => ({
      topic: brokerName(topic, options.prefix),
      numPartitions: topic.partitions,
      replicationFactor,
      configEntries: Object.entries(settingsOf(topic, options)).map(([name, value]) => ({ name, value }))
    }))
  })
}

const retryMs = 100
const ledWithinMs = 30_000

/** Waits until every partition has a leader, as far as the broker that is asked knows. */
async function untilLed (admin: Admin, names: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + ledWithinMs; ;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
      const leaders = topics.map(({ partitions }) => partitions.map(({ leader }) => leader))
      if (leaders.every(ofTopic => ofTopic.length > 0 && ofTopic.every(leader => leader >= 0))) return
    } catch (error) {
      if (!(error instanceof Error && 'retriable' in error && error.retriable === true)) throw error
    }
    if (Date.now() > deadline) throw new Error(`The broker has no leaders for ${names.join(', ')} after ${ledWithinMs / 1000} s.`)
    await new Promise(resolve => { setTimeout(resolve, retryMs) })
  }
}

async function compare (admin: Admin, options: TopicOptions): Promise<void> {
  const names = topicTable.map(topic => brokerName(topic, options.prefix))
  const { topics } = await admin.fetchTopicMetadata({ topics: names })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }))
  })
  const faults: string[] = []
  for (const topic of topicTable) {
    const name = brokerName(topic, options.prefix)
    const partitions = topics.find(candidate => candidate.name === name)?.partitions.length
    if (partitions !== topic.partitions) faults.push(`${name} has ${partitions ?? 'no'} partitions, not ${topic.partitions}`)
    const entries = resources.find(resource => resource.resourceName === name)?.configEntries ?? []
    for (const setting of ['cleanup.policy', 'retention.ms', 'message.timestamp.type']) {
      const actual = entries.find(entry => entry.configName === setting)?.configValue
      const expected = settingsOf(topic, options)[setting]
      if (actual !== expected) faults.push(`${name} has ${setting} ${actual ?? 'unset'}, not ${expected ?? ''}`)
    }
  }
  if (faults.length > 0) {
    throw new Stop('topic_differs', `The topics on the broker are not those of schemas/topics.ts: ${faults.join('; ')}. Partition counts can't be changed; for another table, raise the topic's incarnation.`)
  }
}

/** The topics of the table that are there. */
export async function existingTopics (kafka: Kafka, prefix: string): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    return topicTable.map(topic => brokerName(topic, prefix)).filter(name => existing.has(name))
  } finally {
    await admin.disconnect()
  }
}

/** Gives topics that are there the settings that they should have: a restore fills them under others. */
export async function settleTopics (kafka: Kafka, options: TopicOptions): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.alterConfigs({
      validateOnly: false,
      resources: topicTable.map(topic => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: brokerName(topic, options.prefix),
        configEntries: Object.entries(settingsOf(topic, options)).map(([name, value]) => ({ name, value }))
      }))
    })
  } finally {
    await admin.disconnect()
  }
}

/** Deletes every topic with the prefix, which must not be empty: what a test or a replay leaves behind. */
export async function deleteTopics (kafka: Kafka, prefix: string): Promise<void> {
  if (prefix === '') throw new Error('topics without a prefix are the market; they are not deleted')
  const admin = kafka.admin()
  await admin.connect()
  try {
    const topics = topicTable.map(topic => brokerName(topic, prefix))
    const existing = new Set(await admin.listTopics())
    await admin.deleteTopics({ topics: topics.filter(topic => existing.has(topic)) })
  } finally {
    await admin.disconnect()
  }
}
