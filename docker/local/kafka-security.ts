// A broker with a password and a certificate, for tests and for who shares a machine. The certificate is its own
// authority: clients are given it as the one to trust.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runToEnd } from './child.ts'
import { logFile } from './log-file.ts'
import { writePrivate } from './secrets.ts'

export type Certificate = { keystoreFile: string, keystorePassword: string, caFile: string }
export type CertificateOptions = { dir: string, keytool: string, password: string, logDir: string }

/** A key and certificate for 127.0.0.1 and localhost, made with the JDK's own tool at the first start. */
export async function certificate ({ dir, keytool, password, logDir }: CertificateOptions): Promise<Certificate> {
  const keystoreFile = join(dir, 'broker.p12')
  const caFile = join(dir, 'ca.pem')
  const made = { keystoreFile, keystorePassword: password, caFile }
  if (await exists(caFile)) return made
  const passwordFile = join(dir, 'keystore-password')
  const log = logFile(join(logDir, 'keytool.log'))
  await writePrivate(passwordFile, password)
  await rm(keystoreFile, { force: true })
  const store = ['-alias', 'broker', '-keystore', keystoreFile, '-storetype', 'PKCS12', '-storepass:file', passwordFile]
  await runToEnd('Making the broker\'s key', {
    file: keytool,
    args: [
      '-genkeypair', ...store, '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '3650',
      '-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost', '-ext', 'bc:critical=ca:true'
    ],
    endsAt: 'sigterm'
  }, { log })
  const exported = `${caFile}.new`
  await runToEnd('Exporting the broker\'s certificate', {
    file: keytool,
    args: ['-exportcert', '-rfc', ...store, '-file', exported],
    endsAt: 'sigterm'
  }, { log })
  await writePrivate(caFile, await readFile(exported, 'utf8'))
  await rm(exported)
  await rm(passwordFile)
  return made
}

export type SaslOptions = Certificate & Credentials

/** The broker's settings for TLS and SCRAM. It is a client of its own listener too. */
export function saslProperties (options: SaslOptions): Record<string, string> {
  const { username, password, keystoreFile, keystorePassword, caFile } = options
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keystoreFile,
    'ssl.keystore.password': keystorePassword,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.client.scram-sha-512.sasl.jaas.config': jaas({ username, password })
  }
}

export type Credentials = { username: string, password: string }

/** A user and password as Kafka's Java clients want them. */
export function jaas ({ username, password }: Credentials, module = 'scram.ScramLoginModule'): string {
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return `org.apache.kafka.common.security.${module} required username=${quoted(username)} password=${quoted(password)};`
}

async function exists (file: string): Promise<boolean> {
  try {
    await readFile(file)
    return true
  } catch {
    return false
  }
}
