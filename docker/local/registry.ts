// The schema registry without a container: Apicurio, which speaks Confluent's API and keeps its schemas in a topic.

import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { downloaded, registryFiles, type DownloadOptions } from './download.ts'
import { ask } from './http.ts'
import { classArchive, modest, type Java } from './java.ts'
import { jaas } from './kafka-security.ts'
import { startPart, type Part } from './part.ts'

export type RegistryOptions = DownloadOptions & {
  dataDir: string
  logDir: string
  java: Java
  /** Where its Kafka is and how to get in: the variables that the product reads too. */
  kafka: Readonly<Record<string, string | undefined>>
}

const api = '/apis/ccompat/v7'

/** Starts the registry, which reads all its schemas from Kafka first, and waits until it has. */
export async function startRegistry (options: RegistryOptions): Promise<Part> {
  const { dataDir, logDir, java, kafka, partsDir, signal } = options
  const dir = await downloaded(registryFiles, options)
  const jar = (await readdir(dir)).find(name => name.endsWith('-runner.jar'))
  if (jar === undefined) throw new Error(`${dir} holds no registry. Remove the directory, and the next start downloads it again.`)
  const archive = classArchive(partsDir, registryFiles.name, java)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  return await startPart({
    title: registryFiles.title,
    logPath: join(logDir, 'registry.log'),
    portCount: 1,
    deadlineMs: 120_000,
    graceMs: 20_000,
    signal,
    command: async ports => ({
      file: java.program,
      args: ['-Xmx64m', ...modest, ...await archive.flags(), '-jar', join(dir, jar)],
      cwd: dataDir,
      env: { ...process.env, ...registrySettings, ...kafkaAccess(kafka), ...placement(dataDir, ports[0]!) },
      endsAt: 'sigterm'
    }),
    // Until it has read its topic to the end it answers as if there were no more. This waits for the end.
    isReady: async ports => (await ask(`http://127.0.0.1:${ports[0]!}/health/ready`))?.status === 200,
    mend: archive.discard,
    stopped: archive.keep,
    env: address => ({ SCHEMA_REGISTRY_URL: `http://${address}${api}` })
  })
}

/** The settings that docker/compose.yml gives too; a test compares the two. */
export const registrySettings = {
  APICURIO_STORAGE_KIND: 'kafkasql',
  // The topic is the only copy of the schemas. A broker's default would drop them after seven days.
  APICURIO_KAFKASQL_TOPIC_RETENTION_MS: '-1',
  // It writes a record and waits for its own consumer to see it; the default poll makes the start three times as long.
  APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '100',
  QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false'
} as const

function placement (dataDir: string, port: number): Record<string, string> {
  return { QUARKUS_HTTP_HOST: '127.0.0.1', QUARKUS_HTTP_PORT: String(port), APICURIO_STORAGE_SNAPSHOT_LOCATION: dataDir }
}

/** The registry's way into Kafka, from the product's variables. */
function kafkaAccess (kafka: RegistryOptions['kafka']): Record<string, string> {
  const ca = kafka['KAFKA_TLS_CA']
  const mechanism = kafka['KAFKA_SASL_MECHANISM']?.toUpperCase()
  const transport = ca !== undefined || kafka['KAFKA_TLS'] === 'true' ? 'SSL' : 'PLAINTEXT'
  const access: Record<string, string> = {
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: kafka['KAFKA_BROKERS'] ?? '',
    APICURIO_KAFKA_COMMON_SECURITY_PROTOCOL: mechanism === undefined ? transport : `SASL_${transport}`
  }
  if (mechanism !== undefined) {
    const credentials = { username: kafka['KAFKA_SASL_USERNAME'] ?? '', password: kafka['KAFKA_SASL_PASSWORD'] ?? '' }
    const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
    access['APICURIO_KAFKA_COMMON_SASL_MECHANISM'] = mechanism
    access['APICURIO_KAFKA_COMMON_SASL_JAAS_CONFIG'] = jaas(credentials, module)
  }
  if (ca !== undefined) {
    access['APICURIO_KAFKA_COMMON_SSL_TRUSTSTORE_TYPE'] = 'PEM'
    access['APICURIO_KAFKA_COMMON_SSL_TRUSTSTORE_LOCATION'] = resolve(ca) // It runs in a directory of its own.
  }
  return access
}
