// The URL of an endpoint: as it is written down, and what is wrong with where it leads (README, A1 to A3).

import { isIP } from 'node:net'
import { isSafe, type Networks } from './addresses.ts'

const lengthMax = 500
const addressesMax = 32
const portMin = 1024

/** All addresses of a name. Rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

export type Surroundings = { readonly resolve: Resolve, readonly networks: Networks }

/** What is wrong with a URL, to be said after its field's name. */
export class UrlFault extends Error {}

function parsed (text: string): URL {
  if (text.length > lengthMax) throw new UrlFault(`is longer than ${lengthMax} characters`)
  // The parser would take out or turn round what is not plain, and another parser perhaps otherwise.
  if (!/^[!-~]+$/.test(text) || text.includes('\\') || !URL.canParse(text)) throw new UrlFault('is not a URL')
  return new URL(text)
}

/** In the one form in which it is written down: no slash at its end, the host as the parser has it. */
export function readUrl (text: string): URL {
  const url = parsed(text)
  const port = Number(url.port)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new UrlFault('is not an https URL')
  if (url.username !== '' || url.password !== '') throw new UrlFault('has credentials in it')
  if (text.includes('?') || text.includes('#')) throw new UrlFault('has a query or a fragment')
  if (url.port !== '' && port !== 80 && port !== 443 && port < portMin) {
    throw new UrlFault(`has a port other than 80, 443 and those from ${portMin}`)
  }
  return url
}

export const urlText = ({ origin, pathname }: URL): string => `${origin}${pathname.replace(/\/+$/, '')}`

/** Without the brackets around an address of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** The addresses of a host, which may be one itself. */
async function addressesOf (host: string, resolve: Resolve): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  try {
    return await resolve(host)
  } catch {
    return [] // Why a name has no address is no business of who asks: it tells of our network.
  }
}

/** What is wrong with where it leads now; null: nothing. */
export async function destinationFault (url: URL, { resolve, networks }: Surroundings): Promise<string | null> {
  const addresses = await addressesOf(hostOf(url), resolve)
  if (addresses.length === 0) return 'leads to no address'
  if (addresses.length > addressesMax) return `leads to more than ${addressesMax} addresses`
  const isFit = (address: string): boolean => isSafe(address, { protocol: url.protocol, networks })
  if (addresses.every(isFit)) return null
  return url.protocol === 'http:' ? 'is not an https URL' : 'leads to addresses that are not public'
}
