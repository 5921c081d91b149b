// The questions, each in a file of its own: SQL that can be read, run by hand and explained.

import { readFileSync } from 'node:fs'

const cached = new Map<string, string>()

/** The text of `queries/<name>.sql`. */
export function query (name: string): string {
  const known = cached.get(name)
  if (known !== undefined) return known
  const text = readFileSync(new URL(`./queries/${name}.sql`, import.meta.url), 'utf8')
  cached.set(name, text)
  return text
}

/** A 64-bit integer that came as text and must be exact as a number. */
export function exact (text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is not a whole number below 2^53`)
  return value
}

export const exactOrNull = (text: string | null): number | null => text === null ? null : exact(text)
