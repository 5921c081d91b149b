// Which addresses may be connected to (README, A1). Whoever registers an endpoint chooses its name, and so where this
// process connects: without this it would be a way into the network around it.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Network = readonly [address: Address, bits: number]
/** That may be connected to though they are not public. */
export type Networks = readonly Network[]

/** `public` and `configured` may be connected to. */
export type Verdict = 'public' | 'configured' | 'refused'

// In groups of hexadecimal: with a dotted end the library takes ::8.8.8.8 for ::ffff:8.8.8.8, which nobody else does.
const parsed = (text: string): Address =>
  ipaddr.parse(isIP(text) === 6 ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text)

/** Networks as CIDR or single addresses, apart by commas. Throws for anything else. */
export function readNetworks (text: string): Networks {
  return text.split(',').map(each => each.trim()).filter(each => each !== '').map(each => {
    const [address = '', bits = isIP(address) === 6 ? '128' : '32', more] = each.split('/')
    const isPlain = isIP(address) !== 0 && !address.includes('%') && /^\d{1,3}$/.test(bits) && more === undefined
    if (!isPlain) throw new Error(`${each} is no network such as 10.0.0.0/8 or fd00::/8`)
    return ipaddr.parseCIDR(`${parsed(address).toString()}/${bits}`)
  })
}

/** What is global unicast; all else of IPv6 is none of the public internet. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
/** Behind which a network of IPv6 only reaches IPv4. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** The address itself, or the IPv4 address that it stands for. */
function meant (address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  return address.match(nat64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

function isPublic (address: Address): boolean {
  if (address instanceof ipaddr.IPv6 && !address.match(globalUnicast)) return false
  return address.range() === 'unicast'
}

export function verdictOf (text: string, networks: Networks): Verdict {
  // A zone says through which interface, which is not for others to say.
  if (isIP(text) === 0 || text.includes('%')) return 'refused'
  const address = meant(parsed(text))
  const isWithin = ([network, bits]: Network): boolean =>
    network.kind() === address.kind() && address.match(network, bits)
  if (networks.some(isWithin)) return 'configured'
  return isPublic(address) ? 'public' : 'refused'
}

/** Whether a connection of this protocol may go to the address: without encryption only where somebody said so. */
export function isSafe (address: string, { protocol, networks }: { protocol: string, networks: Networks }): boolean {
  const verdict = verdictOf(address, networks)
  return verdict === 'configured' || (verdict === 'public' && protocol === 'https:')
}
