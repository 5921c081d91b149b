// Conditions of a question, made into SQL: which columns and operators there are is written in our code; every value is
// bound.

export const comparison = ['==', '!=', '>', '<', '>=', '<='] as const
export type Comparison = typeof comparison[number]

/** One of an enumeration of fields, compared with a value, or found among several. */
export type Condition = {
  readonly field: string
  readonly op: Comparison | 'in'
  readonly value: string | number | readonly string[]
}

/** A field's column (or an expression over some), and how a parameter becomes comparable with it. */
export type Column = { readonly column: string, readonly bound: (name: string) => string }

export const textColumn = (column: string): Column => ({ column, bound: name => `{${name}:String}` })
export const wholeColumn = (column: string): Column => ({ column, bound: name => `{${name}:Int64}` })
export const timeColumn = (column: string): Column =>
  ({ column, bound: name => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')` })
/** For `in`. */
export const wordsColumn = (column: string): Column => ({ column, bound: name => `{${name}:Array(String)}` })

export type Bound = Record<string, string | number | readonly string[]>

const operator: Record<Comparison | 'in', string> = {
  '==': '=', '!=': '!=', '>': '>', '<': '<', '>=': '>=', '<=': '<=', in: 'IN'
}

/** A condition each, to be joined by "and"; their values are added to `parameters`. */
export function conditionsSql<One extends Condition> (
  conditions: readonly One[], columns: Readonly<Record<One['field'], Column>>, parameters: Bound
): string[] {
  return conditions.map(({ field, op, value }) => {
    const { column, bound } = columns[field as One['field']]
    const name = `value${Object.keys(parameters).length}`
    parameters[name] = value
    return `${column} ${operator[op]} ${bound(name)}`
  })
}

/** What stands after WHERE. */
export const joined = (wanted: readonly string[]): string => wanted.length === 0 ? 'true' : wanted.join(' AND ')
