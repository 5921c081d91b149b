import { describe, expect, test } from 'vitest'
import { readNetworks } from '../../../gateway/suppliers/addresses.ts'
import { destinationFault, readUrl, urlText, type Resolve } from '../../../gateway/suppliers/urls.ts'

const textOf = (text: string): string => urlText(readUrl(text))

describe('a URL', () => {
  test.each([
    ['https://edge.example', 'https://edge.example'],
    ['HTTPS://Edge.Example:443/', 'https://edge.example'],
    ['https://edge.example:8443/gpu/a//', 'https://edge.example:8443/gpu/a'],
    ['https://edge.example/a/../b/./c', 'https://edge.example/b/c'],
    ['http://127.0.0.1:4050', 'http://127.0.0.1:4050'],
    ['http://[::1]:4050/', 'http://[::1]:4050'],
    ['https://2130706433', 'https://127.0.0.1'],
    ['https://0x7f.1', 'https://127.0.0.1'],
    ['https://0177.0.0.01', 'https://127.0.0.1'],
    ['https://[::FFFF:127.0.0.1]', 'https://[::ffff:7f00:1]']
  ])('%s is written down as %s', (sent, kept) => {
    expect(textOf(sent)).toBe(kept)
  })

  test.each([
    ['', 'is not a URL'], ['edge.example', 'is not a URL'], ['//edge.example', 'is not a URL'], ['https://', 'is not a URL'],
    ['ftp://edge.example', 'is not an https URL'], ['file:///etc/passwd', 'is not an https URL'],
    ['javascript:alert(1)', 'is not an https URL'],
    ['https://me@edge.example', 'has credentials in it'], ['https://me:secret@edge.example', 'has credentials in it'],
    ['https://edge.example?', 'has a query or a fragment'], ['https://edge.example/?a=b', 'has a query or a fragment'],
    ['https://edge.example#', 'has a query or a fragment'],
    ['https://edge.example:22', 'has a port'], ['https://edge.example:0', 'has a port'], ['https://edge.example:70000', 'is not a URL'],
    ['https://edge.example\\@10.0.0.1', 'is not a URL'], [' https://edge.example', 'is not a URL'],
    ['https://edge.example\n', 'is not a URL'], ['https://ed\tge.example', 'is not a URL'], ['https://édge.example', 'is not a URL'],
    [`https://edge.example/${'a'.repeat(500)}`, 'is longer than 500 characters']
  ])('%j %s', (sent, fault) => {
    expect(() => readUrl(sent)).toThrow(fault)
  })
})

describe('where a URL leads', () => {
  const names: Readonly<Record<string, readonly string[]>> = {
    'edge.example': ['1.1.1.1', '2606:4700:4700::1111'],
    'half.example': ['1.1.1.1', '10.0.0.1'],
    'metadata.example': ['169.254.169.254'],
    'localhost.': ['127.0.0.1'],
    localhost: ['::1', '127.0.0.1'],
    'many.example': Array.from({ length: 33 }, () => '1.1.1.1'),
    'none.example': []
  }
  const resolve: Resolve = host => {
    const found = names[host]
    return found === undefined ? Promise.reject(new Error('ENOTFOUND 10.0.0.53')) : Promise.resolve(found)
  }
  const faultOf = (text: string, networks = ''): Promise<string | null> =>
    destinationFault(readUrl(text), { resolve, networks: readNetworks(networks) })

  test('is fit when every address of its name is', async () => {
    expect(await faultOf('https://edge.example')).toBeNull()
    expect(await faultOf('https://1.1.1.1')).toBeNull()
    expect(await faultOf('https://[2606:4700:4700::1111]:8443')).toBeNull()
  })

  test.each([
    'https://half.example', 'https://metadata.example', 'https://localhost', 'https://localhost.', 'https://127.0.0.1',
    'https://127.1', 'https://2130706433', 'https://0177.1', 'https://[::1]', 'https://[::ffff:10.0.0.1]', 'https://[fe80::1]'
  ])('is not fit: %s', async text => {
    expect(await faultOf(text)).toBe('leads to addresses that are not public')
  })

  test('is nowhere: nothing of our network is told', async () => {
    expect(await faultOf('https://unknown.example')).toBe('leads to no address')
    expect(await faultOf('https://none.example')).toBe('leads to no address')
    expect(await faultOf('https://many.example')).toBe('leads to more than 32 addresses')
  })

  test('may be a network that is allowed, and only there without encryption', async () => {
    const loopback = '127.0.0.0/8,::1'
    expect(await faultOf('http://localhost', loopback)).toBeNull()
    expect(await faultOf('http://127.0.0.1:4050', loopback)).toBeNull()
    expect(await faultOf('https://localhost', loopback)).toBeNull()
    expect(await faultOf('http://edge.example', loopback)).toBe('is not an https URL')
    expect(await faultOf('http://half.example', '10.0.0.0/8')).toBe('is not an https URL')
  })
})
