// Connections to endpoints that check where they go (README, A3 and A4). The name is looked up by the connection
// itself, once: what was checked is what is connected to.

import { createHash, type X509Certificate } from 'node:crypto'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { isSafe } from './addresses.ts'
import type { Resolve, Surroundings } from './urls.ts'

export const connectMsMax = 2000

/** The connection was not made, or given up before anything was sent on it. */
export class Unsafe extends Error {
  readonly code: 'unsafe_address' | 'unsafe_key'

  constructor (code: 'unsafe_address' | 'unsafe_key', message: string) {
    super(message)
    this.name = 'Unsafe'
    this.code = code
  }
}

type IsFit = (address: string) => boolean

const unsafeAddress = (host: string): Unsafe => new Unsafe('unsafe_address', `${host} may not be connected to`)

function lookupOf (resolve: Resolve, isFit: IsFit): LookupFunction {
  const safeAddresses = async (host: string): Promise<readonly string[]> => {
    const addresses = await resolve(host)
    if (addresses.length === 0 || !addresses.every(isFit)) throw unsafeAddress(host)
    return addresses
  }
  return (host, { all }, callback) => {
    safeAddresses(host).then(addresses => {
      const found = addresses.map(address => ({ address, family: isIP(address) }))
      if (all === true) callback(null, found)
      else callback(null, found[0]!.address, found[0]!.family)
    }, (error: unknown) => { callback(error as Error, '') })
  }
}

/** As a pin has it: SHA-256 of the SubjectPublicKeyInfo, base64. */
export const pinOf = ({ publicKey }: X509Certificate): string =>
  createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64')

function keyFault (socket: Socket, tlsPin: string | null): Unsafe | null {
  if (tlsPin === null) return null
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (certificate !== undefined && pinOf(certificate) === tlsPin) return null
  return new Unsafe('unsafe_key', 'the other end has another key than the one it is known by')
}

export type ConnectorOptions = Surroundings & {
  /** Null: certificates are checked as everywhere. */
  readonly tlsPin: string | null
  readonly timeoutMs?: number
}

/** `connect` of an undici client. */
export function safeConnector (options: ConnectorOptions): buildConnector.connector {
  const { resolve, networks, tlsPin, timeoutMs = connectMsMax } = options
  const made = (protocol: string): { connect: buildConnector.connector, isFit: IsFit } => {
    const isFit: IsFit = address => isSafe(address, { protocol, networks })
    // A session that is taken up again has no certificate to hold against the pin.
    const pinned = tlsPin === null ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }
    const lookup = lookupOf(resolve, isFit)
    return { isFit, connect: buildConnector({ allowH2: false, timeout: timeoutMs, lookup, ...pinned }) }
  }
  const [encrypted, plain] = [made('https:'), made('http:')]
  return (target, callback) => {
    const { connect, isFit } = target.protocol === 'https:' ? encrypted : plain
    // For an address nothing is looked up.
    if (isIP(target.hostname) !== 0 && !isFit(target.hostname)) {
      callback(unsafeAddress(target.hostname), null)
      return
    }
    connect(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null)
        return
      }
      const fault = isFit(socket.remoteAddress ?? '') ? keyFault(socket, tlsPin) : unsafeAddress(target.hostname)
      if (fault === null) {
        callback(null, socket)
      } else {
        socket.destroy()
        callback(fault, null)
      }
    })
  }
}
