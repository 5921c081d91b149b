// @kafkajs/confluent-schema-registry names a browser type in its declarations; there is no DOM here.
type XMLHttpRequest = unknown
