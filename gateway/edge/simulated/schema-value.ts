// The least that a JSON schema allows.

type Schema = { readonly [name: string]: unknown }

const depthMax = 20

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `#/…` within the schema it stands in. */
function referred (pointer: string, root: Schema): unknown {
  return pointer.split('/').slice(1).reduce<unknown>((at, name) => isSchema(at) ? at[name] : undefined, root)
}

function objectOf (schema: Schema, root: Schema, depth: number): Schema {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  return Object.fromEntries(required.map(name => [name, valueOf(properties[name], root, depth + 1)]))
}

function listOf (schema: Schema, root: Schema, depth: number): unknown[] {
  const length = Math.min(Number(schema['minItems'] ?? 0), 100)
  return Array.from({ length }, () => valueOf(schema['items'], root, depth + 1))
}

function valueOf (schema: unknown, root: Schema, depth: number): unknown {
  if (!isSchema(schema) || depth > depthMax) return null
  if (typeof schema['$ref'] === 'string') return valueOf(referred(schema['$ref'], root), root, depth + 1)
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  const choices = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']
  if (Array.isArray(choices)) return valueOf(choices[0], root, depth + 1)
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'string': return 'x'.repeat(Math.min(Number(schema['minLength'] ?? 0), 1000))
    case 'number':
    case 'integer': return Number(schema['minimum'] ?? 0)
    case 'boolean': return false
    case 'array': return listOf(schema, root, depth)
    case 'null': return null
    default: return objectOf(schema, root, depth)
  }
}

export const leastOf = (schema: unknown): unknown => valueOf(schema, isSchema(schema) ? schema : {}, 0)
