// Text that clients keep for us: AES-256-GCM under the market's secret, bound to one account. Whoever has it can
// neither read it, nor change it, nor use it for another account.
//
//   sealed = name "." base64url(iv (12) ‖ ciphertext ‖ tag (16))

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { HolderId } from '../../schemas/units.ts'
import type { Seal } from '../surfaces/surface.ts'
import type { Secrets } from './secrets.ts'

const cipher = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** `random`: as many bytes as asked for, never the same twice. */
export function sealFor (secrets: Secrets, holder: HolderId, random: (length: number) => Buffer = randomBytes): Seal {
  const account = Buffer.from(String(holder))
  return {
    seal (text) {
      const [{ name, seals }] = secrets
      const iv = random(ivBytes)
      const encrypt = createCipheriv(cipher, seals, iv).setAAD(account)
      const sealed = Buffer.concat([iv, encrypt.update(text, 'utf8'), encrypt.final(), encrypt.getAuthTag()])
      return `${name}.${sealed.toString('base64url')}`
    },
    open (sealed) {
      const at = sealed.indexOf('.')
      const secret = secrets.find(({ name }) => name === sealed.slice(0, at))
      const bytes = Buffer.from(sealed.slice(at + 1), 'base64url')
      if (at < 1 || secret === undefined || bytes.length < ivBytes + tagBytes) return null
      const decrypt = createDecipheriv(cipher, secret.seals, bytes.subarray(0, ivBytes)).setAAD(account)
        .setAuthTag(bytes.subarray(bytes.length - tagBytes))
      try {
        return decrypt.update(bytes.subarray(ivBytes, bytes.length - tagBytes), undefined, 'utf8') + decrypt.final('utf8')
      } catch {
        return null // Not sealed here, not for this account, or changed on the way.
      }
    }
  }
}
