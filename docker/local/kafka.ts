// Apache Kafka without a container: broker and controller in one JVM, on jars from Maven.

import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runToEnd } from './child.ts'
import { downloaded, kafkaJars, type DownloadOptions } from './download.ts'
import { classArchive, modest, type Java } from './java.ts'
import { certificate, saslProperties, type Certificate } from './kafka-security.ts'
import { brokerSettings } from './kafka-settings.ts'
import { logFile } from './log-file.ts'
import { startPart, type Part } from './part.ts'
import { passwords, writePrivate } from './secrets.ts'
import { versions } from './versions.ts'

export type Security = 'none' | 'sasl_tls'
export type KafkaOptions = DownloadOptions & { dataDir: string, logDir: string, java: Java, security: Security }

const username = 'market'

/** Starts Kafka on a directory, which it formats on the first start, and waits until it takes requests. */
export async function startKafka (options: KafkaOptions): Promise<Part> {
  const { dataDir, logDir, java, security, partsDir, signal } = options
  const jarsDir = await downloaded(kafkaJars, options)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const secrets = await passwords(dataDir, ['kafka', 'keystore'])
  const keys = { dir: dataDir, keytool: java.keytool, password: secrets.keystore, logDir }
  const tls = security === 'none' ? undefined : await certificate(keys)
  const archive = classArchive(partsDir, kafkaJars.name, java)
  const properties = join(dataDir, 'server.properties')
  const classPath = await classPathOf(jarsDir)
  return await startPart({
    title: kafkaJars.title,
    logPath: join(logDir, 'kafka.log'),
    portCount: 2,
    deadlineMs: 120_000, // After a kill it reads what it had not yet flushed.
    graceMs: 20_000,
    signal,
    command: async ports => {
      await writePrivate(properties, serverProperties({ dataDir, ports, tls, password: secrets.kafka }))
      await format({ properties, classPath, options, password: secrets.kafka })
      const args = ['-Xmx512m', ...modest, ...await archive.flags(), ...classPath, 'kafka.Kafka', properties]
      return { file: java.program, args, cwd: dataDir, endsAt: 'sigterm' }
    },
    isReady: async (_, log) => await Promise.resolve(log.includes('Kafka Server started')),
    mend: archive.discard,
    stopped: archive.keep,
    env: address => ({ KAFKA_BROKERS: address, ...(tls === undefined ? {} : clientAccess(tls, secrets.kafka)) })
  })
}

/** The class path is spelt out, in one order: a class archive fits only the path it was made with. */
async function classPathOf (jarsDir: string): Promise<string[]> {
  const jars = (await readdir(jarsDir)).filter(name => name.endsWith('.jar')).sort()
  return [
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
    '-cp', jars.map(jar => join(jarsDir, jar)).join(':')
  ]
}

type Unformatted = { properties: string, classPath: string[], options: KafkaOptions, password: string }

/** Makes the directory Kafka's, once. Without the mark that it was done to the end, what is there is begun anew. */
async function format ({ properties, classPath, options, password }: Unformatted): Promise<void> {
  const { dataDir, java, signal } = options
  const mark = join(dataDir, 'formatted')
  if ((await readdir(dataDir)).includes('formatted')) return
  await rm(join(dataDir, 'log'), { recursive: true, force: true })
  // The user is made whether or not a password is asked for now: a later start may ask for it.
  const user = ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`]
  const tool = ['kafka.tools.StorageTool', 'format']
  const log = logFile(join(options.logDir, 'kafka-format.log'))
  await runToEnd('Formatting Kafka\'s directory', {
    file: java.program,
    args: [...modest, ...classPath, ...tool, '--cluster-id', clusterId(), '--config', properties, ...user],
    endsAt: 'sigterm'
  }, { log, signal })
  await rm(log.path, { force: true }) // It holds the user's stored keys.
  await writeFile(mark, `Kafka ${versions.kafka}\n`)
}

/** 22 base64url characters. One that begins with a dash would be taken for an option. */
function clusterId (): string {
  return `m${randomBytes(16).toString('base64url').slice(1)}`
}

type Properties = { dataDir: string, ports: readonly number[], tls: Certificate | undefined, password: string }

function serverProperties ({ dataDir, ports: [port, controllerPort], tls, password }: Properties): string {
  const settings: Record<string, string | number> = {
    ...brokerSettings,
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENT',
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${port}`,
    'listener.security.protocol.map': `CLIENT:${tls === undefined ? 'PLAINTEXT' : 'SASL_SSL'},CONTROLLER:PLAINTEXT`,
    'log.dirs': join(dataDir, 'log'),
    ...(tls === undefined ? {} : saslProperties({ username, password, ...tls }))
  }
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('')
}

function clientAccess (tls: Certificate, password: string): Record<string, string> {
  return {
    KAFKA_TLS_CA: tls.caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password
  }
}
