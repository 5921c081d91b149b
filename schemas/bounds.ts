// Whether a body ends where its schema says, found without building a value. avsc reads zeros past the end of a
// buffer, so that five garbage bytes that announce 2^40 array items fill the memory; what holds arrays or maps is
// walked first.

type Json = string | { type: Json, fields?: { type: Json }[], items?: Json, values?: Json, size?: number } | Json[]

type Cursor = { readonly bytes: Buffer, at: number }

/** Moves past one value; false when the body ends early. */
type Skip = (cursor: Cursor) => boolean

// Counts and lengths beyond 2^53 are not exact, and too large all the same. NaN when the body ends early.
function long (cursor: Cursor): number {
  const { bytes } = cursor
  const end = Math.min(bytes.length, cursor.at + 10)
  let value = 0
  for (let scale = 1; cursor.at < end; scale *= 128) {
    const byte = bytes[cursor.at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  return NaN
}

const advance = (cursor: Cursor, size: number): boolean => {
  if (!(size >= 0 && size <= cursor.bytes.length - cursor.at)) return false
  cursor.at += size
  return true
}

const fixed = (size: number): Skip => cursor => advance(cursor, size)
const whole: Skip = cursor => !Number.isNaN(long(cursor))
const sized: Skip = cursor => advance(cursor, long(cursor))

const primitives: Record<string, Skip> = {
  null: () => true,
  boolean: fixed(1),
  int: whole,
  long: whole,
  enum: whole,
  float: fixed(4),
  double: fixed(8),
  bytes: sized,
  string: sized
}

// Every item takes a byte at least (there are no empty records), so a count above what is left is wrong at once.
function blocks (item: Skip): Skip {
  return cursor => {
    for (;;) {
      let count = long(cursor)
      if (count === 0) return true
      // A negative count is followed by the block's size in bytes.
      if (count < 0 && whole(cursor)) count = -count
      if (!(count > 0 && count <= cursor.bytes.length - cursor.at)) return false
      for (; count > 0; count--) {
        if (!item(cursor)) return false
      }
    }
  }
}

const sequence = (parts: Skip[]): Skip => cursor => parts.every(part => part(cursor))
const union = (branches: Skip[]): Skip => cursor => branches[long(cursor)]?.(cursor) ?? false

function skipOf (schema: Json): Skip {
  if (Array.isArray(schema)) return union(schema.map(skipOf))
  const type = typeof schema === 'string' ? schema : schema.type
  if (typeof type !== 'string') return skipOf(type)
  if (typeof schema === 'object') {
    if (type === 'record') return sequence((schema.fields ?? []).map(field => skipOf(field.type)))
    if (type === 'array') return blocks(skipOf(schema.items!))
    if (type === 'map') return blocks(sequence([sized, skipOf(schema.values!)]))
    if (type === 'fixed') return fixed(schema.size!)
  }
  const primitive = primitives[type]
  if (primitive === undefined) throw new Error(`a schema that holds arrays may not name ${type} a second time`)
  return primitive
}

/** A check for bodies of the schema, or undefined where it holds no array and no map and avsc is safe by itself. */
export function bodyCheck (text: string): ((bytes: Buffer, from: number) => boolean) | undefined {
  if (!/"(array|map)"/.test(text)) return undefined
  const skip = skipOf(JSON.parse(text) as Json)
  return (bytes, from) => {
    const cursor = { bytes, at: from }
    return skip(cursor) && cursor.at === bytes.length
  }
}
