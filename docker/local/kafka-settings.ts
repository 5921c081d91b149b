// The broker's settings that the product relies on, here and in docker/compose.yml; a test compares the two.

export const brokerSettings = {
  // One broker holds the only copy of everything.
  'default.replication.factor': 1,
  'min.insync.replicas': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 8,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // Topics are made on purpose, with their settings. A misspelt name is an error.
  'auto.create.topics.enable': 'false',
  // Nothing is dropped for its age unless its topic says so. The registry's journal holds the schemas.
  'log.retention.ms': -1,
  // A stage is taken over at once: no waiting for more members, and sessions as short as its owner likes.
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 500,
  // How long a restarted broker waits to be let in again after a kill.
  'broker.session.timeout.ms': 2500,
  'broker.heartbeat.interval.ms': 500,
  // A market's worth of data on a laptop: smaller segments, indexes and buffers than a data centre's.
  'log.segment.bytes': 134_217_728,
  'log.index.size.max.bytes': 2_097_152,
  'log.cleaner.dedupe.buffer.size': 33_554_432,
  'num.network.threads': 2,
  'num.io.threads': 4
} as const
