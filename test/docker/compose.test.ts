// No container is started here: what can be compared without one is compared.

import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { stackVariables } from '../../docker/local/environment.ts'
import { brokerSettings } from '../../docker/local/kafka-settings.ts'
import { registrySettings } from '../../docker/local/registry.ts'
import { versions } from '../../docker/local/versions.ts'
import { readSettings } from '../../gateway/edge/settings.ts'
import { gatewaySettings } from '../../gateway/process/settings.ts'

type Service = {
  image: string
  build?: { context: string, dockerfile: string }
  command?: string[]
  ports?: string[]
  volumes?: string[]
  environment: Record<string, string | number | null>
  profiles?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
}

const root = join(import.meta.dirname, '../..')
const composeFile = join(root, 'docker/compose.yml')
const { services, volumes } = parse(readFileSync(composeFile, 'utf8'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
type Named = Record<'kafka' | 'registry' | 'clickhouse' | 'supplier' | 'simulated', Service> & Record<string, Service>
const { kafka, registry, clickhouse, supplier, simulated, ...roles } = services as Named
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
  expect(ports).toHaveLength(5)
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
  const known = [...stackVariables, ...Object.keys(gatewaySettings.shape)]
  for (const name of given) expect(known, name).toContain(name)
})

/** With what is set in the environment of compose: nothing, or what `set` says. */
const resolved = ({ environment }: Service, set: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => {
    if (value === null) return set[name] === undefined ? [] : [[name, set[name]]]
    return [[name, String(value).replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_all, other: string, otherwise: string) => set[other] ?? otherwise)]]
  }))

test('a gateway takes what it is told, with nothing set, and with what its pages name', () => {
  const { gateway } = roles
  expect(gatewaySettings.parse(resolved(gateway!))).toMatchObject({ PAYMENTS: 'none', TICKET_SECRETS: null, DRAIN_MS: 110_000 })
  const set = { TICKET_SECRETS: `a:${Buffer.alloc(32).toString('base64')}`, ALLOWED_NETWORKS: '172.16.0.0/12', PAYMENTS: 'fake' }
  expect(gatewaySettings.parse(resolved(gateway!, set))).toMatchObject({ PAYMENTS: 'fake', TICKET_SECRETS: [{ name: 'a' }] })
  expect(gateway!.volumes).toContain('gateway:/var/lib/market')
  expect(dockerfile).toContain('chown node:node /var/lib/market')
})

test('a supplier is there for who asks for one, and is what an edge can be told', () => {
  expect([supplier.profiles, simulated.profiles]).toEqual([['supplier'], ['supplier']])
  for (const { command } of [supplier, simulated]) expect(statSync(join(root, command![0]!)).isFile()).toBe(true)
  const set = { SUPPLIER: '31', SUPPLIER_SIGNING_KEY: Buffer.alloc(32).toString('base64') }
  const settings = readSettings(resolved(supplier, set), [])
  expect(settings).toMatchObject({ SUPPLIER: 31, INSTRUMENT: 'text-prime', UPSTREAM_MODEL: 'simulated-1', REGISTER: true })
  expect(settings.UPSTREAM_URL.href).toBe('http://simulated:4060/')
  expect(settings.EDGE_URL).toBe(`http://supplier:${settings.PORT}`)
  expect(settings.MARKET_URL.port).toBe(String(roles['gateway']!.environment['PORT']))
  expect(supplier.depends_on?.['gateway']?.condition).toBe('service_healthy')
  // No part of the market is in reach of a supplier's process but through the gateway.
  expect(Object.keys(supplier.environment).filter(name => stackVariables.includes(name))).toEqual([])
  expect(() => readSettings(resolved(supplier), [])).toThrow('SUPPLIER')
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
