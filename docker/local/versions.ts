// What the stack is made of. Written once here; docker/compose.yml names the same versions and a test compares them.

export const versions = {
  kafka: '4.2.0',
  /** What writes Kafka's log; not part of the server. */
  log4j: '2.25.3',
  registry: '3.0.9',
  /** The release of ClickHouse inside the library below, as `select version()` spells its first two parts. */
  clickHouse: '26.7',
  /** An exact version: the package's `latest` tag is an older release without `SYSTEM START LISTEN`. */
  clickHouseLibrary: '26.7.3-stable.1',
  javaAtLeast: 17
} as const
