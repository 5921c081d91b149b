// Fetching the parts that come from Maven, once for the whole checkout.
//
// What is fetched arrives in a directory of its own and is renamed when complete, so a directory of that name is
// whole. One process fetches at a time: Maven's own cache is not made for more, and the second finds the work done.

import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runToEnd } from './child.ts'
import { waitForLock } from './lock.ts'
import { logFile } from './log-file.ts'
import { versions } from './versions.ts'

export type Download = {
  title: string
  /** The directory's name; it holds the version. */
  name: string
  /** Maven's arguments, given where to put the files. */
  maven (dir: string): string[]
}

export type DownloadOptions = { partsDir: string, progress: (line: string) => void, signal?: AbortSignal | undefined }

export const kafkaJars: Download = {
  title: `Kafka ${versions.kafka}`,
  name: `kafka-${versions.kafka}-log4j-${versions.log4j}`,
  maven: dir => ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${dir}`]
}

export const registryFiles: Download = {
  title: `Apicurio Registry ${versions.registry}`,
  name: `registry-${versions.registry}`,
  maven: dir => [
    'dependency:unpack', `-Dartifact=io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`,
    `-DoutputDirectory=${dir}`
  ]
}

/** Maven's arguments for every download: our pom, the versions it leaves open, and where its own notes may go. */
function mavenArguments (dir: string): string[] {
  return [
    '--batch-mode', '--no-transfer-progress', '-f', join(import.meta.dirname, 'pom.xml'),
    `-Dkafka.version=${versions.kafka}`, `-Dlog4j.version=${versions.log4j}`, `-Dnotes=${join(dir, 'maven')}`
  ]
}

/** Whether it is there already, in which case Maven is not needed. */
export async function isDownloaded (download: Download, partsDir: string): Promise<boolean> {
  try {
    return (await stat(join(partsDir, download.name))).isDirectory()
  } catch {
    return false
  }
}

/** The directory with the files, fetched if they are not there yet. */
export async function downloaded (download: Download, options: DownloadOptions): Promise<string> {
  const { partsDir, progress, signal } = options
  const dir = join(partsDir, download.name)
  if (await isDownloaded(download, partsDir)) return dir
  await mkdir(partsDir, { recursive: true })
  const lock = await waitForLock(join(partsDir, 'download.lock'), {
    waiting: pid => progress(`${download.title}: waiting for a download by process ${pid}`),
    signal
  })
  try {
    if (!await isDownloaded(download, partsDir)) await fetchInto(dir, download, options)
    return dir
  } finally {
    await lock.release()
  }
}

async function fetchInto (dir: string, download: Download, options: DownloadOptions): Promise<void> {
  const { partsDir, progress, signal } = options
  await removeUnfinished(partsDir)
  const arriving = await mkdtemp(join(partsDir, '.arriving-'))
  const begun = performance.now()
  const seconds = () => Math.round((performance.now() - begun) / 1000)
  progress(`${download.title}: downloading (once, from Maven)`)
  const patience = setInterval(() => progress(`${download.title}: still downloading, ${seconds()} s so far`), 10_000)
  try {
    await runToEnd(`Downloading ${download.title}`, {
      file: 'mvn',
      args: [...mavenArguments(arriving), ...download.maven(arriving)],
      cwd: partsDir,
      endsAt: 'sigterm'
    }, { log: logFile(join(partsDir, 'download.log')), signal })
    await rename(arriving, dir)
    progress(`${download.title}: downloaded in ${seconds()} s`)
  } finally {
    clearInterval(patience)
    await rm(arriving, { recursive: true, force: true })
  }
}

/** What a killed run left. The lock is held, so nobody is still writing it. */
async function removeUnfinished (partsDir: string): Promise<void> {
  for (const name of await readdir(partsDir)) {
    if (name.startsWith('.arriving-')) await rm(join(partsDir, name), { recursive: true, force: true })
  }
}
