// Every topic of the market: its key, its records, its partitions, how long it is kept. One table; the topics are made
// from it, compared with it at start, and described from it in pipelines/README.md.

const day = 24 * 60 * 60 * 1000

export type Topic = {
  readonly name: string
  /** Goes up when a topic is made anew; part of its name on the broker, so that no name is ever used again. */
  readonly incarnation: number
  /** What decides the partition, in words; partitions are always explicit. */
  readonly key: string
  /** Kinds of record, by their schemas. */
  readonly records: readonly string[]
  readonly partitions: number
  readonly cleanup: 'delete' | 'compact'
  /** -1: for ever, or until a janitor has two newer snapshots and a week has passed. */
  readonly retentionMs: number
  readonly why: string
}

const instrumentPartitions = 32

const holderPartitions = 8

export const topics = {
  ledger: {
    name: 'ledger',
    incarnation: 1,
    key: 'holder % partitions',
    records: [
      'submit-order', 'submit-cancel', 'submit-amend', 'cancel-all', 'set-dead-man', 'set-holder', 'set-account-mode',
      'deposit', 'withdraw', 'transfer-funds', 'receive-funds', 'return-funds', 'issue-supply', 'transfer-issued',
      'transfer-to-consumption', 'finalize-proceeds', 'list-instrument', 'set-ledger-parameters', 'order-outcome',
      'reference-price', 'period-closed', 'authorize-usage', 'start-usage', 'unstart-usage', 'extend-usage',
      'capture-usage', 'void-usage', 'expire-lot', 'sweep-position', 'stop-clock', 'start-clock', 'clock', 'activate-version'
    ],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'Commands that the ledger obeys, and what matching tells it. Kept for ever: an audit recomputes everything from it.'
  },
  orders: {
    name: 'orders',
    incarnation: 1,
    key: 'instrument, by its index',
    records: ['place-order', 'cancel-order', 'amend-order', 'set-parameters', 'set-trading-status', 'clock', 'activate-version'],
    partitions: instrumentPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'Commands that matching obeys. Spare partitions from the start, so that an instrument can be added.'
  },
  fills: {
    name: 'fills',
    incarnation: 1,
    key: 'instrument, by its index',
    records: ['fill'],
    partitions: instrumentPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'What a lost table is filled from again.'
  },
  orderUpdates: {
    name: 'order-updates',
    incarnation: 1,
    key: 'holder % partitions',
    records: ['order-update', 'order-state', 'command-outcome', 'authorization-state'],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: 30 * day,
    why: "An order's new state, or a refused command, to its owner and to the order history."
  },
  ledgerEntries: {
    name: 'ledger-entries',
    incarnation: 1,
    key: 'holder % partitions',
    records: ['journal-entry'],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'The journal: what every balance is the sum of. Kept for ever.'
  },
  usage: {
    name: 'usage',
    incarnation: 1,
    key: 'holder % partitions',
    records: ['meter-event', 'clock', 'activate-version'],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'Readings of what requests take, by whoever measures them.'
  },
  reconciliation: {
    name: 'reconciliation',
    incarnation: 1,
    key: 'holder % partitions',
    records: ['unbilled-usage'],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: -1,
    why: 'Tokens that were measured and are not billed, with the reason. Kept for ever: each token is billed or here.'
  },
  requests: {
    name: 'requests',
    incarnation: 1,
    key: 'holder % partitions',
    records: ['request-report'],
    partitions: holderPartitions,
    cleanup: 'delete',
    retentionMs: 30 * day,
    why: 'How each request went, without a word of it: for receipts and for the judgement of suppliers.'
  },
  bookDeltas: {
    name: 'book-deltas',
    incarnation: 1,
    key: 'instrument, by its index',
    records: ['book-delta'],
    partitions: instrumentPartitions,
    cleanup: 'delete',
    retentionMs: day,
    why: 'Level changes for streams; a reader that is behind takes a snapshot instead.'
  },
  identities: {
    name: 'identities',
    incarnation: 1,
    key: 'kind/id',
    records: ['user', 'signing-key', 'consumption-key', 'account-settings', 'ticket-key'],
    partitions: 1,
    cleanup: 'compact',
    retentionMs: -1,
    why: 'Who may do what: users, their keys, how they want to be served. A null value revokes.'
  },
  suppliers: {
    name: 'suppliers',
    incarnation: 1,
    key: 'kind/id',
    records: ['supplier-endpoint', 'supplier-standing'],
    partitions: 1,
    cleanup: 'compact',
    retentionMs: -1,
    why: 'Who serves requests, where, and how well. A null value takes it away.'
  },
  instruments: {
    name: 'instruments',
    incarnation: 1,
    key: 'instrument',
    records: ['listed-instrument'],
    partitions: 1,
    cleanup: 'compact',
    retentionMs: -1,
    why: 'A mirror of what was commanded, for the edge; never the input of a core.'
  },
  snapshots: {
    name: 'snapshots',
    incarnation: 1,
    key: 'stage/topic/partition/offset-writer/chunk; partition: that of the stage',
    records: [],
    partitions: instrumentPartitions,
    cleanup: 'compact',
    retentionMs: -1,
    why: 'State at an offset, in chunks, with a manifest; and the marks of sinks. Not Avro: bytes of the runtime.'
  },
  deadLetters: {
    name: 'dead-letters',
    incarnation: 1,
    key: 'origin: topic/partition/offset',
    records: ['dead-letter'],
    partitions: 4,
    cleanup: 'delete',
    retentionMs: 90 * day,
    why: 'Records that could not be used, with the reason.'
  }
} as const satisfies Record<string, Topic>

export type TopicName = typeof topics[keyof typeof topics]['name']

export const topicTable: readonly Topic[] = Object.values(topics)

/** The name on the broker. A prefix sets a replay or a test apart from the market beside it. */
export function brokerName (topic: Topic, prefix = ''): string {
  return `${prefix}${topic.name}-${topic.incarnation}`
}

export function topicOf (name: string): Topic {
  const topic = topicTable.find(candidate => candidate.name === name)
  if (topic === undefined) throw new Error(`no topic is called ${name}`)
  return topic
}

/** Where a dead letter goes: the same place however often it is written. */
export function deadLetterPartition (topic: string, partition: number): number {
  let sum = partition
  for (const character of topic) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return sum % topics.deadLetters.partitions
}
