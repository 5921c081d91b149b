// What a reader of the description should know before any one route.

import type { Route } from '../http/route.ts'

export const introduction = `
A spot market for AI inference: whole units of 1,000,000 tokens, priced in US dollars.

**Envelopes.** \`{"data": …}\`, lists with \`paging\`. Amounts are text, dollars with eight places; times are ISO 8601 in UTC.
Errors are \`{"errors": {"detail", "message"}, "error": {"code", "message", "details"}}\`. Fields may be added to replies.

**Signing.** A request that needs it carries three headers: \`x-thegrid-timestamp\` (Unix seconds, within 30 s),
\`x-thegrid-fingerprint\` (SHA-256 of the raw public key, base64 without padding) and \`x-thegrid-signature\`: Ed25519, in base64,
over the timestamp, the method in capitals, the path as requested without its query, and the body as sent, one after the other.

**Lists.** Filters are flat (\`side=buy\`), or \`filters[0][field]=price&filters[0][op]=>=&filters[0][value]=0.1\`, or the same under
\`flop[filters]\`. A parameter that is not listed is refused by name, and so is a cursor of another question.

**Repeats.** A POST or PUT that comes again with the same signature takes effect once, and so does one with the same
\`Idempotency-Key\` or \`client_reference\`, or an order with the same \`client_order_id\`, however it is signed. After a 504 nobody knows yet
what became of it: look it up by that name.

**Numbers.** Whole numbers in a query are decimal digits. Units in a body may be a number or a numeral.
`.trim()

const market = 'Market data'
const orders = 'Orders'
const accounts = 'Accounts'
const settings = 'Settings'
const supply = 'Supply'
const operations = 'Operations'

export const tags = [
  { name: market, description: 'For anyone, without a signature.' },
  { name: orders, description: 'Your orders and trades.' },
  { name: accounts, description: 'What you have, and moving it.' },
  { name: settings, description: 'How you are served, and the keys that your programs draw inference with.' },
  { name: supply, description: 'For suppliers: what you issue and owe, and what requests took that you served.' },
  { name: operations, description: 'Whether this gateway is well.' }
] as const

const bySegment: Readonly<Record<string, string>> = {
  orders,
  trades: orders,
  'consumption-settings': settings,
  self: settings,
  'api-keys': settings,
  'supply-issuances': supply,
  'issuance-accounts': supply,
  'supplier-liability': supply,
  'supplier-endpoints': supply,
  'usage-events': supply,
  health: operations,
  ready: operations,
  diagnostics: operations
}

/** By what its path begins with. */
export function tagOf ({ path, access }: Pick<Route, 'path' | 'access'>): string {
  const named = bySegment[path.split('/')[1] ?? '']
  if (named !== undefined) return named
  if (access === 'public') return market
  return path.endsWith('/orders') ? orders : accounts
}
