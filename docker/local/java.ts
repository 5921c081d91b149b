// The Java that Kafka and the registry run on, and the archives that make them start faster.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isOnPath } from './child.ts'
import { isDownloaded, kafkaJars, registryFiles } from './download.ts'
import { versions } from './versions.ts'
import { waysOut } from './ways-out.ts'

export type Java = { program: string, keytool: string, version: string }

/** The machine's Java. Throws the ways out when it is missing or too old, or when Maven is needed and missing. */
export async function findJava (partsDir: string): Promise<Java> {
  const home = process.env['JAVA_HOME']
  const program = home === undefined ? 'java' : join(home, 'bin', 'java')
  const version = await javaVersion(program)
  const hasAll = await isDownloaded(kafkaJars, partsDir) && await isDownloaded(registryFiles, partsDir)
  const missing = [
    ...(version === undefined ? [`Java ${versions.javaAtLeast} or later was not found`] : []),
    ...(version === undefined || isNewEnough(version) ? [] : [`Java ${versions.javaAtLeast} or later is needed, and ${program} is ${version}`]),
    ...(hasAll || await isOnPath('mvn') ? [] : ['Maven (mvn), which downloads Kafka and the schema registry, was not found'])
  ]
  if (version === undefined || missing.length > 0) throw new Error(missingJava(missing))
  return { program, keytool: home === undefined ? 'keytool' : join(home, 'bin', 'keytool'), version }
}

async function javaVersion (program: string): Promise<string | undefined> {
  try {
    const { stderr } = await promisify(execFile)(program, ['-version'])
    return /version "([^"]+)"/.exec(stderr)?.[1]
  } catch {
    return undefined
  }
}

/** `17.0.15` and `25` begin with the release; Java 8 calls itself `1.8`. */
function isNewEnough (version: string): boolean {
  return Number.parseInt(version) >= versions.javaAtLeast
}

function missingJava (missing: string[]): string {
  return waysOut({
    problem: `Kafka and the schema registry can't be started here: ${missing.join('; ')}.`,
    install: [
      `Debian, Ubuntu:  sudo apt install openjdk-${versions.javaAtLeast}-jre-headless maven`,
      `macOS:           brew install openjdk@${versions.javaAtLeast} maven`
    ],
    variables: ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL']
  })
}

/** Settings of every Java part: less memory and a quicker start, for a throughput that measured the same. */
export const modest = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true']

/** A part's loaded classes, written down at its first clean stop and mapped at later starts (AppCDS). */
export type ClassArchive = {
  /** Java's arguments to use the archive, or where there is none to write one. */
  flags: () => Promise<string[]>
  /** After a clean stop: puts a newly written archive in place. */
  keep: () => Promise<void>
  /** After a part ended early: a damaged archive crashes Java. Says whether there was one to remove. */
  discard: () => Promise<boolean>
}

/** `part` names the part with its version: an archive fits one Java and one set of jars. */
export function classArchive (partsDir: string, part: string, java: Java): ClassArchive {
  const file = join(partsDir, 'class-archives', `${part}-java-${java.version}.jsa`)
  const written = `${file}.${randomUUID()}`
  const quiet = '-Xlog:disable' // Java would list each class that it leaves out.
  return {
    flags: async () => {
      if (await exists(file)) return [quiet, `-XX:SharedArchiveFile=${file}`]
      await mkdir(dirname(file), { recursive: true })
      return [quiet, `-XX:ArchiveClassesAtExit=${written}`]
    },
    keep: async () => {
      if (await exists(written)) await rename(written, file)
    },
    discard: async () => {
      const had = await exists(file)
      await rm(file, { force: true })
      return had
    }
  }
}

async function exists (file: string): Promise<boolean> {
  try {
    return (await stat(file)).size > 0
  } catch {
    return false
  }
}
