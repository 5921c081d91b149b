// The variables by which the product's processes find the parts of the stack, and by which a person replaces a part.

export type PartName = 'kafka' | 'registry' | 'clickHouse'

/** By part. The first of each is its address: when it is set, that part is not started here. */
const variables: Record<PartName, readonly [address: string, ...access: string[]]> = {
  kafka: [
    'KAFKA_BROKERS', 'KAFKA_TLS', 'KAFKA_TLS_CA', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD',
    'KAFKA_REPLICATION_FACTOR'
  ],
  registry: ['SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'],
  clickHouse: [
    'CLICKHOUSE_URL', 'CLICKHOUSE_USERNAME', 'CLICKHOUSE_PASSWORD', 'CLICKHOUSE_DATABASE',
    'CLICKHOUSE_READER_USERNAME', 'CLICKHOUSE_READER_PASSWORD'
  ]
}

/** Every variable that says where a part is or how to get in. */
export const stackVariables: readonly string[] = Object.values(variables).flat()

type Environment = Readonly<Record<string, string | undefined>>
type Variables = Readonly<Record<string, string>>

/** The parts whose address an environment gives, each with its variables. An empty value is no value. */
export function givenBy (environment: Environment): Partial<Record<PartName, Variables>> {
  const given: Partial<Record<PartName, Variables>> = {}
  for (const [part, [address, ...access]] of Object.entries(variables) as [PartName, [string, ...string[]]][]) {
    if ((environment[address] ?? '') !== '') given[part] = pick(environment, [address, ...access])
  }
  return given
}

/** An environment for a process of the product: the base with the stack's variables, and no others that name a part. */
export function environmentFor (env: Variables, base: Environment = process.env): NodeJS.ProcessEnv {
  const others = Object.entries(base).filter(([name]) => !stackVariables.includes(name))
  return { ...Object.fromEntries(others), ...env }
}

function pick (environment: Environment, names: readonly string[]): Variables {
  return Object.fromEntries(names.flatMap(name => environment[name] ? [[name, environment[name]]] : []))
}
