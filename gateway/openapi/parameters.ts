// What a route may be asked beside its body: names in its path, its query, and for lists what every list takes.

import { z } from 'zod'
import type { ZodOpenApiParameters } from 'zod-openapi'
import type { Fields, Listing } from '../http/listing.ts'
import { direction, pageNumber, pageSize } from '../http/parameters.ts'
import type { Described, Shape } from '../http/route.ts'

const nameInPath = /:(\w+)/g

type Asked = Pick<Described, 'path' | 'asks'>

/** The path as OpenAPI writes it. */
export const pathOf = ({ path }: Pick<Described, 'path'>): string => path.replace(nameInPath, '{$1}')

export const operationId = ({ method, path }: Pick<Described, 'method' | 'path'>): string =>
  [method.toLowerCase(), ...path.split('/').map(part => part.replace(/\W/g, '_')).filter(part => part !== '')].join('_')

const said: Readonly<Record<string, string>> = {
  market: 'market-<uuid>, market_<uuid>, the UUID, or the symbol.',
  instrument: 'instrument-<uuid>, instrument_<uuid>, the UUID, or the symbol.',
  symbol: 'The symbol of an instrument, in any case.',
  account: 'The id of an account of yours.',
  order: 'The id of an order of yours.',
  lot: 'The id of a lot of yours.',
  trade: 'The id of a trade of yours.',
  model: 'The symbol of an instrument, in any case.',
  request: 'The x-grid-request-id of a request of yours.',
  response: 'The id of a response of yours that is kept.',
  currency: 'usd.'
}

function inPath ({ path }: Asked): Shape {
  return Object.fromEntries([...path.matchAll(nameInPath)].map(([, name = '']) =>
    [name, z.string().min(1).meta({ description: said[name] ?? `The ${name.replaceAll('_', ' ')}.` })]))
}

const cursor = z.string()

/** A field compares by `==` when it stands alone; the other comparisons go through `filters`. */
const filters = (fields: Fields): Shape => Object.fromEntries(Object.entries(fields).map(([name, { schema, ops }]) => {
  const others = ops.filter(op => op !== '==')
  const described = schema.meta()?.description
  const compared = others.length === 0 ? undefined : `In filters also ${others.join(' ')}.`
  const description = [described, compared].filter(each => each !== undefined).join(' ')
  return [name, description === '' ? schema : schema.meta({ description })]
}))

function listParameters ({ fields, orderBy, order, limit, hasPages }: Listing<Fields, unknown>): Shape {
  const [first, ...rest] = orderBy
  const size = pageSize(limit.max)
  return {
    ...filters(fields),
    limit: size.meta({ description: `Rows a page, 1 to ${limit.max}; ${limit.default} unless asked.` }),
    page_size: size.meta({ description: 'The older name of limit.' }),
    ...(hasPages ? { page: pageNumber } : {}),
    next: cursor.meta({ description: 'The next_cursor of a page; not together with prev.' }),
    prev: cursor.meta({ description: 'The prev_cursor of a page; not together with next.' }),
    order_by: z.enum([first, ...rest]),
    order_direction: direction.meta({ description: `${order} unless asked.` })
  }
}

const optional = (shape: Shape) =>
  z.object(Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.optional()])))

const idempotency = z.object({
  'idempotency-key': z.string().regex(/^[!-~]{1,100}$/).optional()
    .meta({ description: 'What you call this command: it takes effect once however often it is sent.' })
})

/** Where a body may name what it asks for, a header may as well. */
const hasName = ({ asks: { body } }: Asked): boolean =>
  body instanceof z.ZodObject && ('client_reference' in body.shape || 'client_order_id' in body.shape)

export function parametersOf (route: Asked): ZodOpenApiParameters {
  const { query = {}, listing } = route.asks
  const asked = { ...query, ...(listing === undefined ? {} : listParameters(listing)) }
  return {
    path: z.object(inPath(route)),
    query: optional(asked),
    ...(hasName(route) ? { header: idempotency } : {})
  }
}
