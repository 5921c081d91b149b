import { describe, expect, test } from 'vitest'
import { isSafe, readNetworks, verdictOf } from '../../../gateway/suppliers/addresses.ts'

const nowhere = readNetworks('')

describe('an address', () => {
  test.each([
    '1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255',
    '2606:4700:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '64:ff9b::808:808'
  ])('%s is public', address => {
    expect(verdictOf(address, nowhere)).toBe('public')
  })

  test.each([
    ['this network', '0.0.0.0'], ['this network', '0.1.2.3'], ['private', '10.0.0.1'], ['private', '172.16.0.1'],
    ['private', '172.31.255.255'], ['private', '192.168.1.1'], ['shared', '100.64.0.1'], ['shared', '100.127.255.255'],
    ['loopback', '127.0.0.1'], ['loopback', '127.255.255.254'], ['link-local, with metadata of clouds', '169.254.169.254'],
    ['reserved', '192.0.0.1'], ['documentation', '192.0.2.1'], ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.9'], ['relays of 6to4', '192.88.99.1'], ['benchmarks', '198.18.0.1'],
    ['benchmarks', '198.19.255.255'], ['multicast', '224.0.0.1'], ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'], ['broadcast', '255.255.255.255'],
    ['unspecified', '::'], ['loopback', '::1'], ['IPv4 of old within IPv6', '::127.0.0.1'],
    ['IPv4 of old within IPv6', '::8.8.8.8'], ['mapped loopback', '::ffff:127.0.0.1'], ['mapped loopback', '::ffff:7f00:1'],
    ['mapped private', '::ffff:10.0.0.1'], ['mapped link-local', '::ffff:a9fe:a9fe'], ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::127.0.0.1'], ['NAT64 of private', '64:ff9b::a00:1'],
    ['NAT64 of a network', '64:ff9b:1::10.0.0.1'], ['6to4 of loopback', '2002:7f00:1::1'],
    ['6to4 of what is public', '2002:808:808::1'], ['Teredo', '2001:0:53aa:64c::1'], ['unique-local', 'fd00::1'],
    ['unique-local', 'fc00::1'], ['link-local', 'fe80::1'], ['link-local with a zone', 'fe80::1%eth0'],
    ['public with a zone', '2606:4700:4700::1111%eth0'], ['site-local of old', 'fec0::1'], ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'], ['documentation', '3fff::1'], ['benchmarks', '2001:2::1'], ['discard', '100::1'],
    ['not yet given out', '4000::1'], ['segments', '5f00::1']
  ])('of %s (%s) is refused', (_what, address) => {
    expect(verdictOf(address, nowhere)).toBe('refused')
  })

  test.each(['', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::1]', '1.1.1.1 ', '1.1.1.1/32', '1.1.1.1:443'])(
    'is not %j', text => {
      expect(verdictOf(text, readNetworks('127.0.0.0/8, 0.0.0.0/0'))).toBe('refused')
    })

  test('within a network that is allowed may be connected to, in whichever form', () => {
    const networks = readNetworks('127.0.0.0/8, fd12::/16,10.1.2.3')
    const verdicts = ['127.0.0.1', '::ffff:127.9.9.9', '64:ff9b::127.0.0.1', 'fd12::7', '10.1.2.3']
      .map(address => verdictOf(address, networks))
    expect(new Set(verdicts)).toEqual(new Set(['configured']))
    const others = ['::1', 'fd13::1', '10.1.2.4', '2002:7f00:1::1', '::127.0.0.1'].map(address => verdictOf(address, networks))
    expect(new Set(others)).toEqual(new Set(['refused']))
    expect(verdictOf('::1', readNetworks('::1'))).toBe('configured')
  })

  test('is good for plain http only where somebody said so', () => {
    const networks = readNetworks('127.0.0.0/8')
    const safe = ['1.1.1.1', '127.0.0.1', '10.0.0.1'].flatMap(address =>
      ['https:', 'http:'].map(protocol => isSafe(address, { protocol, networks })))
    expect(safe).toEqual([true, false, true, true, false, false])
  })
})

test.each(['10.0.0.0/33', '10/8', 'example.com', '10.0.0.0/8/8', 'fe80::%1/10', '10.0.0.0/', '0177.0.0.1', '::/129'])(
  '%s is no network', text => {
    expect(() => readNetworks(text)).toThrow()
  })
