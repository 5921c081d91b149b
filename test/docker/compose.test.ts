// No container is started here: what can be compared without one is compared.

import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { stackVariables } from '../../docker/local/environment.ts'
import { brokerSettings } from '../../docker/local/kafka-settings.ts'
import { registrySettings } from '../../docker/local/registry.ts'
import { versions } from '../../docker/local/versions.ts'

type Service = {
  image: string
  build?: { context: string, dockerfile: string }
  command?: string[]
  ports?: string[]
  volumes?: string[]
  environment: Record<string, string | number>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
}

const root = join(import.meta.dirname, '../..')
const composeFile = join(root, 'docker/compose.yml')
const { services, volumes } = parse(readFileSync(composeFile, 'utf8'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
const { kafka, registry, clickhouse, ...roles } = services as Record<'kafka' | 'registry' | 'clickhouse', Service> & Record<string, Service>
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8')

/** A setting as the product's image takes it: `log.retention.ms` is `KAFKA_LOG_RETENTION_MS`. */
const variable = (setting: string) => `KAFKA_${setting.replaceAll('.', '_').toUpperCase()}`

test('the versions are those that run without containers', () => {
  expect(kafka.image).toBe(`apache/kafka:${versions.kafka}`)
  expect(registry.image).toBe(`apicurio/apicurio-registry:${versions.registry}`)
  expect(clickhouse.image).toBe(`clickhouse/clickhouse-server:${versions.clickHouse}`)
  expect(versions.clickHouseLibrary.startsWith(`${versions.clickHouse}.`)).toBe(true)
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> }
  for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
    if (name.startsWith('@chdb/')) expect(version).toBe(versions.clickHouseLibrary)
  }
})

test.each(Object.entries(brokerSettings))('Kafka is told the same %s', (setting, value) => {
  expect(String(kafka.environment[variable(setting)])).toBe(String(value))
})

test.each(Object.entries(registrySettings))('the registry is told the same %s', (name, value) => {
  expect(registry.environment[name]).toBe(value)
})

test('a broker is on each address it gives out', () => {
  const { KAFKA_LISTENERS: listeners, KAFKA_ADVERTISED_LISTENERS: advertised } = kafka.environment
  for (const [, name, port] of String(advertised).matchAll(/(\w+):\/\/[^,]+:(\d+)/g)) {
    expect(String(listeners).split(',')).toContain(`${name!}://:${port!}`)
  }
  expect(roles['matching']?.environment['KAFKA_BROKERS']).toBe('kafka:9092')
  expect(kafka.ports).toEqual(['127.0.0.1:29092:29092'])
})

test('every port is open to this machine only', () => {
  const ports = Object.values(services).flatMap(service => service.ports ?? [])
  expect(ports).toHaveLength(4)
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
})

test('every role runs a file that exists and is in the image, once the parts are healthy', () => {
  expect(Object.keys(roles).sort()).toEqual(['clock', 'gateway', 'ledger', 'matching', 'metering', 'provide', 'sinks'])
  for (const role of Object.values(roles)) {
    const [file] = role.command ?? []
    expect(statSync(join(root, file!)).isFile()).toBe(true)
    expect(dockerfile).toContain(`COPY ${dirname(file!)} ./${dirname(file!)}`)
    for (const part of ['kafka', 'registry', 'clickhouse']) {
      expect(role.depends_on?.[part]?.condition).toBe('service_healthy')
      expect(services[part]?.healthcheck?.test[0]).toBe('CMD')
    }
    expect(role.build?.dockerfile).toBe('docker/Dockerfile')
    const waits = role.depends_on?.['provide']?.condition
    expect(waits).toBe(role.command?.includes('provide') === true ? undefined : 'service_completed_successfully')
  }
})

test('what the product reads from its environment is given, or is for servers of one\'s own', () => {
  const given = Object.values(roles).flatMap(role => Object.keys(role.environment))
  const sources = globSync(['pipelines/**/*.ts', 'gateway/**/*.ts', 'analytics/**/*.ts'], { cwd: root })
  const read = sources.flatMap(file => readFileSync(join(root, file), 'utf8').match(/\b(?:KAFKA|SCHEMA_REGISTRY|CLICKHOUSE)_[A-Z_]+\b/g) ?? [])
  for (const name of new Set(read)) expect([...given, ...stackVariables]).toContain(name)
  for (const name of given) expect(stackVariables.includes(name) || ['HOST', 'PORT'].includes(name), name).toBe(true)
})

test('what is mounted exists, and what ClickHouse reads from its environment is given', () => {
  const mounted = Object.values(services).flatMap(service => service.volumes ?? []).map(volume => volume.split(':')[0]!)
  for (const source of mounted) {
    if (source.startsWith('.')) expect(statSync(join(root, 'docker', source)).isFile()).toBe(true)
    else expect(volumes).toHaveProperty(source)
  }
  const users = readFileSync(join(root, 'docker/clickhouse/users.xml'), 'utf8')
  const read = [...users.matchAll(/from_env="(\w+)"/g)].map(([, name]) => name!)
  expect(read.length).toBeGreaterThan(0)
  for (const name of read) expect(clickhouse.environment).toHaveProperty(name)
  // The image makes a user with every right from these two.
  expect(clickhouse.environment).not.toHaveProperty('CLICKHOUSE_USER')
  expect(clickhouse.environment).not.toHaveProperty('CLICKHOUSE_PASSWORD')
})

test('the image holds what its roles import, runs as nobody special, and brings no second Node', () => {
  const copied = [...dockerfile.matchAll(/^COPY (\w+) \.\/\1$/gm)].map(([, room]) => room)
  expect(copied).toEqual(['schemas', 'analytics', 'pipelines', 'gateway'])
  const ignored = readFileSync(join(root, 'docker/Dockerfile.dockerignore'), 'utf8')
  for (const room of copied) expect(ignored).toContain(`!${room!}\n`)
  expect(dockerfile).toMatch(/^USER node$/m)
  expect(dockerfile).toMatch(/^FROM node:24-slim$/m)
})
