// Ranges of addresses, as keys name them: one address, or a network as CIDR, of either version.

import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [Address, number]

/** Four decimal numbers, or the colons of IPv6: what C took for an address besides (octal, one number) is none here. */
function addressOf (text: string): Address | null {
  const isOne = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))
  return isOne ? ipaddr.process(text) : null
}

/** Null for what is no range. One inside IPv6 that stands for IPv4 is written as IPv4, or it would fit nobody. */
function rangeOf (text: string): Range | null {
  const [, head = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = addressOf(head)
  if (address === null) return null
  const all = address.kind() === 'ipv4' ? 32 : 128
  if (head.includes(':') && address.kind() === 'ipv4' && bits !== undefined) return null
  const length = bits === undefined ? all : Number(bits)
  return length <= all ? [address, length] : null
}

export const isRange = (text: string): boolean => rangeOf(text) !== null

/** Whether an address lies in one of the ranges. What can't be read lies in none, and holds none. */
export function isWithin (address: string, ranges: readonly string[]): boolean {
  const asked = addressOf(address)
  if (asked === null) return false
  return ranges.some(text => {
    const range = rangeOf(text)
    return range !== null && range[0].kind() === asked.kind() && asked.match(range[0], range[1])
  })
}
