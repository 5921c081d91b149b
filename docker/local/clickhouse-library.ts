// The npm package that carries ClickHouse's engine for this machine, if there is one.

import { createRequire } from 'node:module'

/** Its name for this platform; it may not be installed, or not exist. */
export function clickHouseLibraryName (platform = process.platform, arch = process.arch): string {
  return `@chdb/lib-${platform}-${arch}${platform === 'linux' ? '-gnu' : ''}`
}

/** Whether npm has installed it. */
export function hasClickHouseLibrary (name = clickHouseLibraryName()): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}
